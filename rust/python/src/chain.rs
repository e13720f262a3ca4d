//! Repeater chains by themselves: exact laws and samples.

use ebit_chain::compile::compile;
use ebit_chain::exact;
use ebit_chain::processor;
use ebit_chain::sample::{self, Run, Sampled};
use ebit_kernel::Control;
use ebit_random::SamplerError;
use ebit_spec::parse::parse;
use ebit_spec::{ProcessorChain, RepeaterChain};
use numpy::PyArray1;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{range_error, spec_error};
use crate::long_call::{Finished, long_call};

/// The law of a chain: probability per step, sums of the correlations, bracket of the mean.
#[pyfunction]
#[pyo3(signature = (json, tolerance, /))]
pub fn chain_exact<'py>(py: Python<'py>, json: &str, tolerance: f64) -> PyResult<Bound<'py, PyDict>> {
    let chain: RepeaterChain = parse(json).map_err(|e| spec_error(&e))?;
    let compiled = compile(&chain).map_err(|e| spec_error(&e))?;
    let control = Control::new();
    let work = || exact::solve(&compiled, tolerance, &|| control.should_stop());
    let Finished { value, stopped_by } = long_call(py, &control, None, || 0.0, work)?;
    if let Some(error) = stopped_by {
        return Err(error);
    }
    let solved = value.map_err(|e| spec_error(&e))?.ok_or_else(|| PyRuntimeError::new_err("ebit: stopped"))?;
    let out = PyDict::new(py);
    out.set_item("method", solved.method)?;
    out.set_item("formalism", solved.formalism)?;
    out.set_item("step_s", solved.step_s)?;
    out.set_item("mean_steps", solved.mean)?;
    out.set_item("totals", solved.totals)?;
    out.set_item("attempt_s", compiled.attempt_s.iter().copied().fold(0.0, f64::max))?;
    let probability = solved.law.entries.into_iter().next().unwrap_or_default();
    out.set_item("probability", PyArray1::from_vec(py, probability))?;
    Ok(out)
}

/// Pairs of a chain: columns in the order of pairs, the same for any number of threads.
#[pyfunction]
#[pyo3(signature = (json, pairs, root, threads, progress=None, /))]
pub fn chain_sample<'py>(
    py: Python<'py>,
    json: &str,
    pairs: u64,
    root: u128,
    threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let chain: RepeaterChain = parse(json).map_err(|e| spec_error(&e))?;
    let compiled = compile(&chain).map_err(|e| spec_error(&e))?;
    sample::countable(&compiled).map_err(|e| spec_error(&e))?;
    let drawn = Drawn { py, object: "RepeaterChain", pairs, root, threads, progress, step_s: compiled.numbers.step_s };
    let draw = |run: &Run<'_>| sample::sample(&compiled, run.pairs, run.root, run.threads, run.stop, run.done);
    drawn.columns(if compiled.relaxes { "density-matrix" } else { "bell-diagonal" }, draw)
}

/// Pairs of a chain of processors, as [`chain_sample`].
#[pyfunction]
#[pyo3(signature = (json, pairs, root, threads, progress=None, /))]
pub fn processor_sample<'py>(
    py: Python<'py>,
    json: &str,
    pairs: u64,
    root: u128,
    threads: usize,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let chain: ProcessorChain = parse(json).map_err(|e| spec_error(&e))?;
    let compiled = processor::compile(&chain).map_err(|e| spec_error(&e))?;
    let drawn = Drawn { py, object: "ProcessorChain", pairs, root, threads, progress, step_s: compiled.step_s };
    drawn.columns("bell-diagonal", |run| processor::sample(&compiled, run))
}

/// A sample on its way to Python.
struct Drawn<'py> {
    py: Python<'py>,
    object: &'static str,
    pairs: u64,
    root: u128,
    threads: usize,
    progress: Option<Bound<'py, PyAny>>,
    step_s: f64,
}

impl<'py> Drawn<'py> {
    fn columns(
        self,
        formalism: &str,
        draw: impl Fn(&Run<'_>) -> Result<Sampled, SamplerError> + Send + Sync,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (py, pairs, root, threads, step) = (self.py, self.pairs, self.root, self.threads, self.step_s);
        let control = Control::new();
        let fraction = || (control.progress() as f64 / pairs.max(1) as f64).min(1.0);
        let work = || {
            let run = Run { pairs, root, threads, stop: &|| control.should_stop(), done: &|done| control.advance(done) };
            draw(&run).map(|drawn| {
                let times: Vec<f64> = drawn.steps.iter().map(|s| *s as f64 * step).collect();
                let qber = |t: &[f64]| -> Vec<f64> { t.iter().map(|t| 0.5 * (1.0 - t)).collect() };
                (times, qber(&drawn.x), qber(&drawn.z), drawn.fidelity)
            })
        };
        let Finished { value, stopped_by } = long_call(py, &control, self.progress.as_ref(), fraction, work)?;
        let (times, qber_x, qber_z, fidelity) =
            value.map_err(|e| range_error(self.object, "links", "a chain that can be sampled", e, ""))?;
        let out = PyDict::new(py);
        out.set_item("waiting_time_s", PyArray1::from_vec(py, times))?;
        out.set_item("qber_x", PyArray1::from_vec(py, qber_x))?;
        out.set_item("qber_z", PyArray1::from_vec(py, qber_z))?;
        out.set_item("fidelity", PyArray1::from_vec(py, fidelity))?;
        out.set_item("formalism", formalism)?;
        out.set_item("stopped_by", stopped_by.map(|e| e.into_value(py)))?;
        Ok(out)
    }
}
