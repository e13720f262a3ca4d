//! A simulation with protocols: spawn, run, results.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ebit_network::recorder::ReplicaResult;
use ebit_network::simulation::{Failure, Fault, Protocols, Shared, run, spawn};
use ebit_network::{Columns, Outcome, World};
use ebit_spec::graph::Graph;
use ebit_spec::parse::read;
use ebit_spec::{SimulationDoc, SpecError};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList};
use pyo3::{PyTraverseError, PyVisit};

use super::coroutine::{Coroutine, Steps};
use super::{Inner, ProtocolNode};
use crate::arguments::{real, shown};
use crate::errors::{range_error, run_error, spec_error};
use crate::simulate::{counts, gather, log};

/// How long Ctrl-C and other threads wait at most, beside a protocol's own steps.
const SLICE: Duration = Duration::from_millis(5);

#[pyclass(frozen, module = "ebit._core")]
pub struct Simulation {
    inner: Arc<Inner>,
    protocols: Protocols,
    steps: Arc<Steps>,
}

/// The flag of a run, down again however it ends.
struct Running<'a>(&'a AtomicBool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[pymethods]
impl Simulation {
    #[new]
    fn new(json: &str) -> PyResult<Self> {
        let doc: SimulationDoc = read("Simulation", json).map_err(|e| spec_error(&e))?;
        let network = Shared::compile(&doc).map_err(|e| spec_error(&e))?;
        let inner =
            Inner { network, doc, contents: Mutex::default(), next_content: AtomicU64::new(0), running: AtomicBool::new(false) };
        Ok(Self { inner: Arc::new(inner), protocols: Mutex::default(), steps: Arc::default() })
    }

    fn node(&self, name: &str) -> PyResult<ProtocolNode> {
        let found = self.inner.network.lock().stage().find("Simulation", "node", name);
        Ok(ProtocolNode::new(&self.inner, found.map_err(|e| spec_error(&e))?))
    }

    fn spawn(&self, node: &ProtocolNode, coroutine: &Bound<'_, PyAny>, label: String, background: bool) -> PyResult<()> {
        let steps = coroutine.call_method0("__await__")?.cast_into::<PyIterator>()?.unbind();
        let index = {
            let mut all = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(steps);
            all.len() - 1
        };
        let protocol = Coroutine { inner: self.inner.clone(), steps: self.steps.clone(), index, awaiting: None };
        let started = spawn(&self.inner.network, &self.protocols, node.node, label, background, Box::new(protocol));
        started.map_err(|e| run_error(&e))
    }

    fn record(&self, source: &str, target: &str) -> PyResult<()> {
        let mut network = self.inner.network.lock();
        let find = |parameter, name| network.stage().find("Simulation.record", parameter, name);
        let ends = find("source", source).and_then(|a| Ok((a, find("target", target)?)));
        let done = ends.map(|(a, b)| network.record(a, b));
        drop(network);
        done.map_err(|e| spec_error(&e))?.map_err(|e| run_error(&e))
    }

    #[getter]
    fn now_s(&self) -> f64 {
        let now = self.inner.network.lock().now();
        self.inner.seconds(now)
    }

    #[getter]
    fn has_goal(&self) -> bool {
        self.inner.network.lock().has_goal()
    }

    /// Words on who waits for ever, if it would have come to that before `until_s`.
    fn run(&self, py: Python<'_>, until_s: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
        if self.inner.running.swap(true, Ordering::Acquire) {
            return Err(PyRuntimeError::new_err("Simulation.run: it runs already (a protocol cannot run its own simulation)"));
        }
        let _running = Running(&self.inner.running);
        let until = until_s.map(|t| self.horizon(t)).transpose()?;
        let mut looked = Instant::now();
        let mut watch = || -> Result<(), Fault> {
            if looked.elapsed() >= SLICE {
                looked = Instant::now();
                py.check_signals().map_err(|e| Box::new(e) as Fault)?;
                py.detach(|| {});
            }
            Ok(())
        };
        py.check_signals()?;
        run(&self.inner.network, &self.protocols, until, &mut watch).map_err(|f| failure(py, f))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Ok(steps) = self.steps.try_lock() else { return Ok(()) };
        steps.iter().try_for_each(|s| visit.call(s))
    }

    fn __clear__(&self) {
        let steps = std::mem::take(&mut *self.steps.lock().unwrap_or_else(PoisonError::into_inner));
        drop(steps);
    }

    /// What happened so far, in the form of `simulate`.
    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (world, outcome) = self.outcome().map_err(|e| spec_error(&e))?;
        let out = PyDict::new(py);
        let list = PyList::empty(py);
        for (k, spec) in world.requests.iter().enumerate() {
            let dict = gather(&world, &outcome, k).into_dict(py)?;
            dict.set_item("nodes", spec.nodes.clone())?;
            dict.set_item("links", spec.links.iter().map(|l| l.link).collect::<Vec<u32>>())?;
            list.append(dict)?;
        }
        out.set_item("requests", list)?;
        out.set_item("replicas", outcome.replicas.iter().map(|r| r.replica).collect::<Vec<u64>>())?;
        out.set_item("counts", counts(py, &outcome)?)?;
        out.set_item("log", log(py, &world, &outcome)?)?;
        out.set_item("assumptions", world.assumptions.clone())?;
        out.set_item("formalism", if world.density_matrix { "density-matrix" } else { "bell-diagonal" })?;
        out.set_item("tick_s", world.scale.tick_s())?;
        out.set_item("stopped_by", py.None())?;
        Ok(out)
    }
}

impl Simulation {
    fn horizon(&self, until_s: &Bound<'_, PyAny>) -> PyResult<i64> {
        let seconds = real("Simulation.run", "until_s", until_s)?;
        let (now, scale) = {
            let network = self.inner.network.lock();
            (network.now(), network.stage().world.scale)
        };
        let ticks = if seconds.is_finite() && seconds >= 0.0 { scale.ticks(seconds).ok() } else { None };
        let hint = "a time since the start; time does not run backwards, and ticks of 1 ps count 100 days (horizon_s)";
        let range = format!("a time from now ({} s) on", scale.seconds(now));
        ticks.filter(|t| *t >= now).ok_or_else(|| range_error("Simulation.run", "until_s", &range, shown(until_s), hint))
    }

    /// The columns as a replica of requests, one per connection, each along its shortest path.
    fn outcome(&self) -> Result<(World, Outcome), SpecError> {
        let network = self.inner.network.lock();
        let stage = network.stage();
        let mut world = stage.world.clone();
        let graph = Graph::of(&self.inner.doc.network);
        let now = network.now();
        let (mut columns, mut time): (Vec<Columns>, Vec<i64>) = (Vec::new(), Vec::new());
        for connection in network.connections() {
            let route = graph.shortest("Simulation", connection.source, connection.target)?;
            world.requests.push(ebit_network::world::RequestSpec::of_route(&world, &route.nodes, &route.links, connection.start));
            columns.push(connection.columns.clone());
            time.push(now - connection.start);
        }
        let finished = vec![false; columns.len()];
        let (counts, log) = (network.counts(), network.trace());
        let replica = ReplicaResult { replica: stage.replica, columns, time, finished, stuck: false, counts, log };
        Ok((world, Outcome { replicas: vec![replica], interrupted: false }))
    }
}

/// A protocol that never began is closed in silence; Python would warn that nobody awaited it.
impl Drop for Simulation {
    fn drop(&mut self) {
        let steps = std::mem::take(&mut *self.steps.lock().unwrap_or_else(PoisonError::into_inner));
        Python::attach(|py| {
            for step in steps {
                if let Err(error) = step.bind(py).call_method0("close") {
                    error.write_unraisable(py, None);
                }
            }
        });
    }
}

fn failure(py: Python<'_>, failure: Failure) -> PyErr {
    match failure {
        Failure::Run(error) => run_error(&error),
        Failure::Stopped(fault) => python_error(fault),
        Failure::Protocol { fault, label, node, time_s } => {
            let error = python_error(fault);
            let note = format!("in protocol {label} on node '{node}' at {time_s} s of simulated time");
            // Without the note the error is still the user's.
            let _ = error.value(py).call_method1("add_note", (note,));
            error
        }
    }
}

fn python_error(fault: Fault) -> PyErr {
    match fault.downcast::<PyErr>() {
        Ok(error) => *error,
        Err(other) => PyRuntimeError::new_err(other.to_string()),
    }
}
