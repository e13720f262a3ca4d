//! What a block code does to errors, counted over all patterns.

use ebit_quantum::block::Decoder;
use ebit_spec::CssCode;
use ebit_spec::check::{At, Check};
use ebit_spec::parse::parse;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::spec_error;

/// Logical operators, distances, and patterns of X and of Z errors that are decoded wrongly, by weight.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn css_code<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    let code: CssCode = parse(json).map_err(|e| spec_error(&e))?;
    let code = code.binary(&At(&|| CssCode::NAME.to_owned())).map_err(|e| spec_error(&e))?;
    let qubits = |mask: u32| (0..code.size).filter(|q| mask >> q & 1 == 1).collect::<Vec<u32>>();
    let out = PyDict::new(py);
    for (name, checks, logical) in [("x", &code.z_checks, code.logical_z), ("z", &code.x_checks, code.logical_x)] {
        let (failures, distance) = py.detach(|| {
            let decoder = Decoder::new(code.size, checks, logical);
            (decoder.failures(), decoder.distance())
        });
        out.set_item(format!("failures_{name}"), PyArray1::from_vec(py, failures))?;
        out.set_item(format!("distance_{name}"), distance)?;
    }
    out.set_item("logical_x", qubits(code.logical_x))?;
    out.set_item("logical_z", qubits(code.logical_z))?;
    Ok(out)
}
