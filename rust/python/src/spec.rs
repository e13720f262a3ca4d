//! Checking specifications where they are typed, their schema, and the physics of a link.

use ebit_hardware::LinkPhysics;
use ebit_qkd::relay::document::{Demand, Failure};
use ebit_spec::check::Check;
use ebit_spec::parse::parse;
use ebit_spec::{
    Arms, ClassicalLight, CssCode, Detector, DoubleClick, Encoding, Fiber, FreeSpace, FrequencyConverter, HeraldedLink,
    LinkModel, Memory, MidpointSource, Nested, NetworkDoc, ProcessorChain, QuantumDot, RepeaterChain, Request, RunDoc,
    SatelliteDownlink, SenderReceiver, Sequential, SingleClick, SpecError, Swap, SwapAsap, Tree, WeakCoherentPulse,
};
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::de::DeserializeOwned;

use crate::errors::spec_error;

fn judge<T: DeserializeOwned + Check>(json: &str) -> Result<(), SpecError> {
    parse::<T>(json).map(|_| ())
}

/// Checks one specification; raises what is wrong with it.
#[pyfunction]
#[pyo3(signature = (kind, json, /))]
pub fn check(kind: &str, json: &str) -> PyResult<()> {
    let result = match kind {
        "Fiber" => judge::<Fiber>(json),
        "SatelliteDownlink" => judge::<SatelliteDownlink>(json),
        "FreeSpace" => judge::<FreeSpace>(json),
        "Arms" => judge::<Arms>(json),
        "ClassicalLight" => judge::<ClassicalLight>(json),
        "FrequencyConverter" => judge::<FrequencyConverter>(json),
        "Detector" => judge::<Detector>(json),
        "Memory" => judge::<Memory>(json),
        "Swap" => judge::<Swap>(json),
        "HeraldedLink" => judge::<HeraldedLink>(json),
        "DoubleClick" => judge::<DoubleClick>(json),
        "SingleClick" => judge::<SingleClick>(json),
        "MidpointSource" => judge::<MidpointSource>(json),
        "WeakCoherentPulse" => judge::<WeakCoherentPulse>(json),
        "QuantumDot" => judge::<QuantumDot>(json),
        "SenderReceiver" => judge::<SenderReceiver>(json),
        "SwapAsap" => judge::<SwapAsap>(json),
        "Nested" => judge::<Nested>(json),
        "Sequential" => judge::<Sequential>(json),
        "Tree" => judge::<Tree>(json),
        "ProcessorChain" => judge::<ProcessorChain>(json),
        "CSSCode" => judge::<CssCode>(json),
        "Encoding" => judge::<Encoding>(json),
        "RepeaterChain" => judge::<RepeaterChain>(json),
        "Request" => judge::<Request>(json),
        "Network" => judge::<NetworkDoc>(json),
        "KeyDemand" => judge::<Demand>(json),
        "Outage" => judge::<Failure>(json),
        "Scenario" => judge::<ebit_spec::Scenario>(json),
        _ => match ebit_qkd::rates::check(kind, json) {
            Some(result) => result,
            None => return Err(PyValueError::new_err(format!("no specification is called {kind}"))),
        },
    };
    result.map_err(|e| spec_error(&e))
}

/// JSON schema of everything that crosses the boundary.
#[pyfunction]
pub fn schema() -> PyResult<String> {
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code)]
    struct Ebit {
        run: RunDoc,
        scenario: ebit_spec::Scenario,
        chain: RepeaterChain,
        processors: ProcessorChain,
        light: ClassicalLight,
        converter: FrequencyConverter,
        key: ebit_qkd::rates::System,
        block: ebit_qkd::finite::Finite,
    }
    serde_json::to_string_pretty(&schemars::schema_for!(Ebit)).map_err(|e| PyValueError::new_err(e.to_string()))
}

/// What every evaluator uses of a link model, given as `{"DoubleClick": {...}}`.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn link_physics<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    let model: LinkModel = parse(json).map_err(|e| spec_error(&e))?;
    let physics = LinkPhysics::of(&model).map_err(|e| spec_error(&e))?;
    let out = PyDict::new(py);
    out.set_item("success_probability", physics.success_probability)?;
    out.set_item("attempt_time_s", physics.attempt.mean_s())?;
    out.set_item("weights", PyArray1::from_slice(py, &physics.weights))?;
    let matrix: Vec<Vec<Complex64>> = physics.state.to_matrix().iter().map(|row| row.to_vec()).collect();
    out.set_item("state", PyArray2::from_vec2(py, &matrix).map_err(|e| PyValueError::new_err(e.to_string()))?)?;
    out.set_item("false_herald_probability", physics.false_herald_probability)?;
    out.set_item("herald_age_s", (physics.herald_age_s[0], physics.herald_age_s[1]))?;
    out.set_item("light_time_s", physics.light_time_s)?;
    out.set_item("assumptions", model.ideals())?;
    Ok(out)
}

/// Cited hardware presets as JSON.
#[pyfunction]
pub fn presets() -> &'static str {
    ebit_hardware::preset::PRESETS_JSON
}
