//! What a protocol awaits: one object per wait, which becomes its result.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ebit_network::simulation::{Outcome, Wait, Wake};
use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyTuple};

use super::{HeldPair, Inner, SwapOutcome};
use crate::arguments::shown;
use crate::errors::{exception, range_error, type_error};

enum State {
    Waiting,
    Ready(Py<PyAny>),
    Failed(PyErr),
}

/// Something to await in a protocol: a pair, a message, a time, the end of what was begun.
#[pyclass(frozen, module = "ebit", name = "Waiting")]
pub struct Waiting {
    inner: Arc<Inner>,
    node: u32,
    pub wait: Wait,
    parts: Vec<Py<Waiting>>,
    state: Mutex<State>,
}

impl Waiting {
    pub fn new(inner: &Arc<Inner>, node: u32, wait: Wait) -> Self {
        Self { inner: inner.clone(), node, wait, parts: Vec::new(), state: Mutex::new(State::Waiting) }
    }

    /// Already there.
    pub fn ready(inner: &Arc<Inner>, node: u32, value: Py<PyAny>) -> Self {
        let state = Mutex::new(State::Ready(value));
        Self { inner: inner.clone(), node, wait: Wait::All(Vec::new()), parts: Vec::new(), state }
    }

    /// What was begun: known at once, or under a name.
    pub fn of(py: Python<'_>, inner: &Arc<Inner>, node: u32, begun: Result<Outcome, u64>) -> PyResult<Self> {
        match begun {
            Ok(outcome) => Ok(Self::ready(inner, node, outcome_object(py, outcome)?)),
            Err(operation) => Ok(Self::new(inner, node, Wait::Outcome(operation))),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn belongs_to(&self, inner: &Arc<Inner>, node: u32) -> bool {
        Arc::ptr_eq(&self.inner, inner) && self.node == node
    }

    /// Takes in what the network said.
    pub fn settle(&self, py: Python<'_>, wake: Wake) {
        let new = match self.value(py, wake) {
            Ok(value) => State::Ready(value),
            Err(error) => State::Failed(error),
        };
        let old = std::mem::replace(&mut *self.state(), new);
        drop(old);
    }

    fn value(&self, py: Python<'_>, wake: Wake) -> PyResult<Py<PyAny>> {
        if let State::Ready(value) = &*self.state() {
            return Ok(value.clone_ref(py));
        }
        match wake {
            Wake::Start => Ok(py.None()),
            Wake::Time => Ok(PyBool::new(py, true).to_owned().into_any().unbind()),
            Wake::Message(content) => {
                let message = self.inner.contents().remove(&content);
                Ok(message.unwrap_or_else(|| py.None()))
            }
            Wake::Pair { handle, id } => Ok(Py::new(py, HeldPair::new(&self.inner, self.node, handle, id))?.into_any()),
            Wake::Outcome(outcome) => outcome_object(py, outcome),
            Wake::Any(k, wake) => {
                let mut values: Vec<Py<PyAny>> = self.parts.iter().map(|_| py.None()).collect();
                values[k] = self.part(py, k, *wake)?;
                Ok(PyTuple::new(py, values)?.into_any().unbind())
            }
            Wake::All(wakes) => {
                let values: PyResult<Vec<_>> = wakes.into_iter().enumerate().map(|(k, wake)| self.part(py, k, wake)).collect();
                Ok(PyTuple::new(py, values?)?.into_any().unbind())
            }
        }
    }

    fn part(&self, py: Python<'_>, k: usize, wake: Wake) -> PyResult<Py<PyAny>> {
        let part = self.parts[k].get();
        part.settle(py, wake);
        match &*part.state() {
            State::Ready(value) => Ok(value.clone_ref(py)),
            State::Failed(error) => Err(error.clone_ref(py)),
            State::Waiting => Ok(py.None()),
        }
    }
}

fn outcome_object(py: Python<'_>, outcome: Outcome) -> PyResult<Py<PyAny>> {
    match outcome {
        Outcome::Swap { ok, pair } => Ok(Py::new(py, SwapOutcome::new(ok, pair))?.into_any()),
        Outcome::Bit(bit) => Ok(u8::from(bit).into_pyobject(py)?.into_any().unbind()),
        Outcome::Done => Ok(py.None()),
        Outcome::Lost => {
            let message = "the pair was lost before this was done: a swap failed or somebody gave it up (catch PairGoneError)";
            Err(exception("PairGoneError", message.to_owned(), &[]))
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Wait::Outcome(operation) = self.wait
            && matches!(&*self.state(), State::Waiting)
            && let Some(mut network) = self.inner.network.try_lock()
        {
            network.forget(operation);
        }
    }
}

#[pymethods]
impl Waiting {
    fn __await__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }
    fn __next__(slf: PyRef<'_, Self>) -> PyResult<Py<Self>> {
        let py = slf.py();
        match &*slf.state() {
            State::Waiting => {}
            State::Ready(value) => return Err(PyStopIteration::new_err((value.clone_ref(py),))),
            State::Failed(error) => return Err(error.clone_ref(py)),
        }
        Ok(slf.into())
    }
}

fn joined(waits: &Bound<'_, PyTuple>, function: &str, join: fn(Vec<Wait>) -> Wait) -> PyResult<Waiting> {
    let mut parts = Vec::with_capacity(waits.len());
    for (k, item) in waits.iter().enumerate() {
        let range = "something a node gives to await";
        let part = item.cast_into::<Waiting>().map_err(|e| {
            type_error(function, &format!("waits[{k}]"), range, shown(&e.into_inner()), "as node.pair('n0') or node.sleep(1e-3)")
        })?;
        parts.push(part.unbind());
    }
    let Some(one) = parts.first().map(Py::get) else {
        return Err(range_error(function, "waits", "at least one", "none", "as node.pair('n0'), node.sleep(1e-3)"));
    };
    if let Some(k) = parts.iter().position(|p| !p.get().belongs_to(&one.inner, one.node)) {
        let hint = "a protocol waits on its own node";
        return Err(range_error(function, &format!("waits[{k}]"), "of the same node as the first", "one of another node", hint));
    }
    let wait = join(parts.iter().map(|p| p.get().wait.clone()).collect());
    let inner = one.inner.clone();
    let node = one.node;
    Ok(Waiting { inner, node, wait, parts, state: Mutex::new(State::Waiting) })
}

/// Waits for the first of several; as many results as waits, None for those that were not it.
#[pyfunction]
#[pyo3(signature = (*waits))]
pub fn first(waits: &Bound<'_, PyTuple>) -> PyResult<Waiting> {
    joined(waits, "first", Wait::Any)
}

/// Waits until all are met at one instant; the results in order.
#[pyfunction]
#[pyo3(signature = (*waits))]
pub fn all_of(waits: &Bound<'_, PyTuple>) -> PyResult<Waiting> {
    joined(waits, "all_of", Wait::All)
}
