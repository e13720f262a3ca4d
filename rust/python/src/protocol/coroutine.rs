//! A Python coroutine as a protocol: driven by `send`, it awaits objects of this module and nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use ebit_network::simulation::{Context, Fault, Protocol, Wait, Wake};
use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use pyo3::types::iterator::PySendResult;

use super::{Inner, Waiting};
use crate::arguments::shown;
use crate::errors::type_error;

/// What `coroutine.__await__()` gives, per protocol. Kept by the simulation, where the garbage collector sees them.
pub type Steps = Mutex<Vec<Py<PyIterator>>>;

pub struct Coroutine {
    pub inner: Arc<Inner>,
    pub steps: Arc<Steps>,
    pub index: usize,
    pub awaiting: Option<Py<Waiting>>,
}

impl Protocol for Coroutine {
    fn resume(&mut self, wake: Wake, ctx: &Context) -> Result<Wait, Fault> {
        Python::attach(|py| self.go_on(py, wake, ctx.node).map_err(|e| Box::new(e) as Fault))
    }
}

impl Coroutine {
    fn go_on(&mut self, py: Python<'_>, wake: Wake, node: u32) -> PyResult<Wait> {
        if let Some(awaiting) = self.awaiting.take() {
            awaiting.get().settle(py, wake);
        }
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner).get(self.index).map(|s| s.clone_ref(py));
        let Some(steps) = steps else { return Ok(Wait::Done) };
        let steps = steps.bind(py);
        let none = py.None();
        let mut next = match steps.send(none.bind(py)).map_err(|e| explained(py, e))? {
            PySendResult::Return(_) => return Ok(Wait::Done),
            PySendResult::Next(next) => next,
        };
        loop {
            let complaint = match next.cast::<Waiting>() {
                Ok(waiting) if waiting.get().belongs_to(&self.inner, node) => {
                    let wait = waiting.get().wait.clone();
                    self.awaiting = Some(waiting.clone().unbind());
                    return Ok(wait);
                }
                Ok(_) => foreign("a wait of another node", "each protocol waits on the node it was given"),
                Err(_) => foreign(&shown(&next), HINT),
            };
            // Raised where the protocol awaits, so that the traceback shows the line.
            next = match steps.call_method1("throw", (complaint,)) {
                Ok(next) => next,
                Err(error) if error.is_instance_of::<PyStopIteration>(py) => return Ok(Wait::Done),
                Err(error) => return Err(error),
            };
        }
    }
}

const HINT: &str =
    "there is no asyncio here: node.sleep, node.pair, node.receive and what they are joined to by first and all_of";

fn foreign(value: &str, hint: &str) -> PyErr {
    type_error("protocol", "await", "something its node gives", value, hint)
}

/// asyncio complains about a missing loop before it yields anything.
fn explained(py: Python<'_>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyRuntimeError>(py) && error.value(py).to_string().contains("no running event loop") {
        let better = foreign("something of asyncio", HINT);
        better.set_cause(py, Some(error));
        return better;
    }
    error
}
