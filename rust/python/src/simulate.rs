//! Running a network: one document in, columns out.

use ebit_kernel::{Control, Tick};
use ebit_network::{Columns, Outcome, RunError, World};
use ebit_spec::parse::{parse, read};
use ebit_spec::{RunDoc, SpecError};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::errors::{range_error, run_error, spec_error};
use crate::long_call::{Finished, long_call};

/// Compiles a document and returns the routes of its requests: lists of node indices and link indices.
#[pyfunction]
#[pyo3(signature = (json, /))]
pub fn routes<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyList>> {
    let world = compile(json)?;
    let out = PyList::empty(py);
    for request in &world.requests {
        let links: Vec<u32> = request.links.iter().map(|l| l.link).collect();
        out.append((request.nodes.clone(), links))?;
    }
    Ok(out)
}

fn compile(json: &str) -> PyResult<World> {
    let doc: RunDoc = parse(json).map_err(|e| spec_error(&as_typed(e)))?;
    ebit_network::compile(&doc).map_err(|e| spec_error(&e))
}

/// Options are arguments of `simulate`, and requests are the caller's: nobody typed `simulate.options`.
fn as_typed(mut error: SpecError) -> SpecError {
    for (path, name) in [("simulate.options", "simulate"), ("simulate.requests[", "requests["), ("simulate.network", "Network")] {
        if let Some(rest) = error.object.strip_prefix(path) {
            error.object = format!("{name}{rest}");
            break;
        }
    }
    error
}

/// Runs the document; returns columns per request, counts, and what was assumed.
#[pyfunction]
#[pyo3(signature = (json, threads, progress=None, /))]
pub fn simulate<'py>(
    py: Python<'py>,
    json: &str,
    threads: i64,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let most = 1024;
    if !(1..=most).contains(&threads) {
        return Err(range_error("simulate", "threads", &format!("an integer in [1, {most}]"), threads, "None for one per core"));
    }
    let doc: RunDoc = read("simulate", json).map_err(|e| spec_error(&as_typed(e)))?;
    let world = ebit_network::compile(&doc).map_err(|e| spec_error(&e))?;
    let (first, count) = (doc.options.first_replica as u64, doc.options.replicas as u64);
    let control = Control::new();
    let total = count as f64 * ebit_network::engine::PROGRESS_PER_REPLICA as f64;
    let fraction = || (control.progress() as f64 / total).min(1.0);
    let work = || -> Result<(Vec<Gathered>, Outcome), RunError> {
        let outcome = ebit_network::run(&world, first, count, threads as usize, &control)?;
        Ok(((0..world.requests.len()).map(|r| gather(&world, &outcome, r)).collect(), outcome))
    };
    let Finished { value, stopped_by } = long_call(py, &control, progress.as_ref(), fraction, work)?;
    let (requests, outcome) = value.map_err(|e| run_error(&e))?;
    let out = PyDict::new(py);
    let list = PyList::empty(py);
    for (request, spec) in requests.into_iter().zip(&world.requests) {
        let dict = request.into_dict(py)?;
        dict.set_item("nodes", spec.nodes.clone())?;
        dict.set_item("links", spec.links.iter().map(|l| l.link).collect::<Vec<u32>>())?;
        list.append(dict)?;
    }
    out.set_item("requests", list)?;
    out.set_item("replicas", outcome.replicas.iter().map(|r| r.replica).collect::<Vec<u64>>())?;
    out.set_item("stuck", outcome.replicas.iter().filter(|r| r.stuck).count())?;
    out.set_item("counts", counts(py, &outcome)?)?;
    out.set_item("log", log(py, &world, &outcome)?)?;
    out.set_item("assumptions", world.assumptions.clone())?;
    out.set_item("formalism", if world.density_matrix { "density-matrix" } else { "bell-diagonal" })?;
    out.set_item("tick_s", world.scale.tick_s())?;
    out.set_item("stopped_by", stopped_by.map(|e| e.into_value(py)))?;
    Ok(out)
}

/// One request over all replicas, in replica order, in seconds.
pub(crate) struct Gathered {
    time_s: Vec<f64>,
    waiting_time_s: Vec<f64>,
    fidelity: Vec<f64>,
    qber_x: Vec<f64>,
    qber_z: Vec<f64>,
    pairs: Vec<u64>,
    total_s: Vec<f64>,
    finished: Vec<bool>,
}

pub(crate) fn gather(world: &World, outcome: &Outcome, request: usize) -> Gathered {
    let start: Tick = world.requests[request].start;
    let all = || outcome.replicas.iter().map(|r| &r.columns[request]);
    let column = |pick: fn(&Columns) -> &Vec<f64>| all().flat_map(|c| pick(c).iter().copied()).collect();
    Gathered {
        time_s: all().flat_map(|c| c.time_s(world.scale)).collect(),
        waiting_time_s: all().flat_map(|c| c.waiting_time_s(start, world.scale)).collect(),
        fidelity: column(|c| &c.fidelity),
        qber_x: column(|c| &c.qber_x),
        qber_z: column(|c| &c.qber_z),
        pairs: all().map(|c| c.delivered.len() as u64).collect(),
        total_s: outcome.replicas.iter().map(|r| world.scale.seconds(r.time[request])).collect(),
        finished: outcome.replicas.iter().map(|r| r.finished[request]).collect(),
    }
}

impl Gathered {
    pub(crate) fn into_dict<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        for (name, column) in [
            ("time_s", self.time_s),
            ("waiting_time_s", self.waiting_time_s),
            ("fidelity", self.fidelity),
            ("qber_x", self.qber_x),
            ("qber_z", self.qber_z),
            ("total_s", self.total_s),
        ] {
            out.set_item(name, PyArray1::from_vec(py, column))?;
        }
        out.set_item("pairs", PyArray1::from_vec(py, self.pairs))?;
        out.set_item("finished", self.finished)?;
        Ok(out)
    }
}

pub(crate) fn counts<'py>(py: Python<'py>, outcome: &Outcome) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    let sum = |pick: fn(&ebit_network::recorder::Counts) -> u64| outcome.replicas.iter().map(|r| pick(&r.counts)).sum::<u64>();
    out.set_item("events", sum(|c| c.events))?;
    out.set_item("attempts", sum(|c| c.attempts))?;
    out.set_item("swaps", sum(|c| c.swaps))?;
    out.set_item("messages", sum(|c| c.messages))?;
    out.set_item("stale_messages", sum(|c| c.stale_messages))?;
    out.set_item("lost_messages", sum(|c| c.lost_messages))?;
    out.set_item("dropped", sum(|c| c.dropped))?;
    Ok(out)
}

pub(crate) fn log<'py>(py: Python<'py>, world: &World, outcome: &Outcome) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    let logs = || outcome.replicas.iter().map(|r| &r.log);
    let replica: Vec<u64> = outcome.replicas.iter().flat_map(|r| std::iter::repeat_n(r.replica, r.log.time.len())).collect();
    out.set_item("replica", PyArray1::from_vec(py, replica))?;
    out.set_item(
        "time_s",
        PyArray1::from_vec(py, logs().flat_map(|l| l.time.iter().map(|&t| world.scale.seconds(t))).collect()),
    )?;
    out.set_item("kind", PyArray1::from_vec(py, logs().flat_map(|l| l.kind.iter().copied()).collect()))?;
    out.set_item("place", PyArray1::from_vec(py, logs().flat_map(|l| l.a.iter().copied()).collect()))?;
    out.set_item("pair", PyArray1::from_vec(py, logs().flat_map(|l| l.b.iter().copied()).collect()))?;
    out.set_item("kinds", ebit_network::recorder::Kind::NAMES.to_vec())?;
    Ok(out)
}
