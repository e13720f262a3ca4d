//! The kernel's own load, so that it can be timed from Python beside other simulators.

use ebit_kernel::Structure;
use ebit_kernel::bench::{HoldReport, hold};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::range_error;

/// The hold model: `pending` entities, each of which reschedules itself after a random time when its event comes.
#[pyfunction]
#[pyo3(signature = (pending, events, seed, structure="auto"))]
pub fn bench_hold<'py>(
    py: Python<'py>,
    pending: usize,
    events: u64,
    seed: u128,
    structure: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let structure = match structure {
        "auto" => Structure::Auto,
        "heap" => Structure::Heap,
        "radix" => Structure::Radix,
        other => return Err(range_error("bench_hold", "structure", "one of auto, heap, radix", other, "")),
    };
    if !(1..=100_000_000).contains(&pending) {
        return Err(range_error("bench_hold", "pending", "in [1, 1e8]", pending, ""));
    }
    let report = py.detach(|| hold(pending, events, seed, structure));
    let HoldReport { events, final_time, checksum } = report.map_err(|e| PyValueError::new_err(e.to_string()))?;
    let out = PyDict::new(py);
    out.set_item("events", events)?;
    out.set_item("final_time", final_time)?;
    out.set_item("checksum", checksum)?;
    Ok(out)
}
