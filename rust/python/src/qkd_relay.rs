//! Networks of keys: one document in, columns out.

use std::sync::atomic::{AtomicU64, Ordering};

use ebit_kernel::Control;
use ebit_qkd::relay::document::KeyNetworkDocument;
use ebit_qkd::relay::simulate::{Day, simulate};
use ebit_spec::parse::parse;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::spec_error;
use crate::long_call::{Finished, long_call};

/// Runs a network of keys until its horizon.
#[pyfunction]
#[pyo3(signature = (json, root, progress=None, /))]
pub fn qkd_key_network<'py>(
    py: Python<'py>,
    json: &str,
    root: u128,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let document: KeyNetworkDocument = parse(json).map_err(|e| spec_error(&e))?;
    let control = Control::new();
    let share = AtomicU64::new(0.0_f64.to_bits());
    let fraction = || f64::from_bits(share.load(Ordering::Relaxed));
    let done = |x: f64| share.store(x.to_bits(), Ordering::Relaxed);
    let work = || simulate(&document, root, &|| control.should_stop(), &done);
    let Finished { value, stopped_by } = long_call(py, &control, progress.as_ref(), fraction, work)?;
    if let Some(error) = stopped_by {
        return Err(error);
    }
    columns(py, value)
}

fn columns(py: Python<'_>, day: Day) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("time_s", PyArray1::from_vec(py, day.keys.time_s))?;
    out.set_item("demand", PyArray1::from_vec(py, day.keys.demand))?;
    out.set_item("route", PyArray1::from_vec(py, day.keys.route))?;
    out.set_item("waited_s", PyArray1::from_vec(py, day.keys.waited_s))?;
    out.set_item("requests", PyArray1::from_iter(py, day.demands.iter().map(|d| d.requests)))?;
    out.set_item("served", PyArray1::from_iter(py, day.demands.iter().map(|d| d.served)))?;
    out.set_item("refused", PyArray1::from_iter(py, day.demands.iter().map(|d| d.refused)))?;
    let routes: Vec<Vec<Vec<Vec<u32>>>> = day
        .routes
        .into_iter()
        .map(|sets| sets.into_iter().map(|paths| paths.into_iter().map(|p| p.nodes).collect()).collect())
        .collect();
    out.set_item("routes", routes)?;
    let stores = day.stores;
    out.set_item("level_bits", PyArray1::from_iter(py, stores.iter().map(|s| s.held())))?;
    out.set_item("initial_bits", PyArray1::from_iter(py, stores.iter().map(|s| s.initial)))?;
    out.set_item("supplied_bits", PyArray1::from_iter(py, stores.iter().map(|s| s.supplied)))?;
    out.set_item("drawn_bits", PyArray1::from_iter(py, stores.iter().map(|s| s.drawn)))?;
    out.set_item("spilt_bits", PyArray1::from_iter(py, stores.iter().map(|s| s.spilt)))?;
    out.set_item("lowest_bits", PyArray1::from_iter(py, stores.iter().map(|s| s.lowest)))?;
    out.set_item("until_s", day.until_s)?;
    Ok(out)
}
