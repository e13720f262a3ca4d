//! Key rates of the protocols, their best parameters and longest distances.

use ebit_qkd::finite::Finite;
use ebit_qkd::rates::{System, qber_threshold};
use ebit_spec::parse::parse;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{range_error, spec_error};

fn read(system: &str, finite: Option<&str>) -> PyResult<(System, Option<Finite>)> {
    let system = parse(system).map_err(|e| spec_error(&e))?;
    let finite = finite.map(parse).transpose().map_err(|e| spec_error(&e))?;
    Ok((system, finite))
}

/// Secret bits per signal of `{"DecoyBB84": {...}}`, with what it rests on.
#[pyfunction]
#[pyo3(signature = (system, finite=None, /))]
pub fn qkd_key_rate<'py>(py: Python<'py>, system: &str, finite: Option<&str>) -> PyResult<Bound<'py, PyDict>> {
    let (system, finite) = read(system, finite)?;
    let rate = py.detach(|| system.key_rate(finite.as_ref())).map_err(|e| spec_error(&e))?;
    let dict = |pairs: &[(&'static str, f64)]| -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        pairs.iter().try_for_each(|(name, value)| out.set_item(name, value))?;
        Ok(out)
    };
    let out = PyDict::new(py);
    out.set_item("value", rate.value())?;
    out.set_item("parts", dict(&rate.parts)?)?;
    out.set_item("epsilon", dict(&rate.epsilon)?)?;
    out.set_item("why", &rate.why)?;
    out.set_item("security", system.security(finite.is_some()))?;
    out.set_item("assumptions", system.assumptions(finite.is_some()))?;
    out.set_item("repetition_rate_hz", system.repetition_rate_hz())?;
    Ok(out)
}

/// The same protocol at its best parameters.
#[pyfunction]
#[pyo3(signature = (system, finite=None, /))]
pub fn qkd_optimum(py: Python<'_>, system: &str, finite: Option<&str>) -> PyResult<String> {
    let (system, finite) = read(system, finite)?;
    let best = py.detach(|| system.optimum(finite.as_ref())).map_err(|e| spec_error(&e))?;
    serde_json::to_string(&best).map_err(|e| PyValueError::new_err(e.to_string()))
}

/// The longest fibre over which there is a key, in km.
#[pyfunction]
#[pyo3(signature = (system, finite=None, /))]
pub fn qkd_max_distance_km(py: Python<'_>, system: &str, finite: Option<&str>) -> PyResult<f64> {
    let (system, finite) = read(system, finite)?;
    py.detach(|| system.max_distance_km(finite.as_ref())).map_err(|e| spec_error(&e))
}

/// The error rate at which a protocol's key vanishes.
#[pyfunction]
#[pyo3(signature = (protocol, /))]
pub fn qkd_threshold(protocol: &str) -> PyResult<f64> {
    let range = "one of BB84, BBM92, E91, SixState, SARG04, DeviceIndependent";
    let hint = "others depend on more than their error rate";
    let wrong = || range_error("qber_threshold", "protocol", range, format!("'{protocol}'"), hint);
    qber_threshold(protocol).ok_or_else(wrong)
}

/// S of pairs with an error rate.
#[pyfunction]
#[pyo3(signature = (qber, /))]
pub fn qkd_chsh(qber: f64) -> f64 {
    ebit_qkd::rates::e91::chsh(qber)
}
