//! A node as its protocols see it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ebit_network::simulation::{Action, Wait, Wanted};
use ebit_quantum::Pauli;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

use super::{HeldPair, Inner, Waiting};
use crate::arguments::{real, shown};
use crate::errors::{range_error, run_error, spec_error, type_error};

/// A node of a running simulation: what a protocol can ask of it.
#[pyclass(frozen, module = "ebit")]
pub struct ProtocolNode {
    pub inner: Arc<Inner>,
    pub node: u32,
    rng: PyOnceLock<Py<PyAny>>,
}

impl ProtocolNode {
    pub fn new(inner: &Arc<Inner>, node: u32) -> Self {
        Self { inner: inner.clone(), node, rng: PyOnceLock::new() }
    }

    fn object(&self) -> String {
        format!("node '{}'", self.inner.name(self.node))
    }

    fn find(&self, parameter: &str, name: &Bound<'_, PyAny>) -> PyResult<u32> {
        let Ok(text) = name.cast::<PyString>() else {
            return Err(type_error(&self.object(), parameter, "the name of a node", shown(name), "as 'n0'"));
        };
        let text = text.to_string_lossy();
        let found = self.inner.network.lock().stage().find("", parameter, &text);
        found.map_err(|mut e| {
            e.object = self.object();
            spec_error(&e)
        })
    }

    /// The end here of the link to a neighbour.
    fn end_toward(&self, parameter: &str, name: &Bound<'_, PyAny>) -> PyResult<u32> {
        let peer = self.find(parameter, name)?;
        let (end, hopeless, known) = {
            let network = self.inner.network.lock();
            let stage = network.stage();
            let end = stage.end_toward(self.node, peer);
            let hopeless = end.is_some_and(|e| stage.hopeless[e as usize / 2]);
            (end, hopeless, stage.neighbours(self.node).map(str::to_owned).collect::<Vec<_>>())
        };
        let Some(end) = end else {
            let range = format!("a neighbour ({})", known.join(", "));
            let hint = "pairs come over links; end= asks for the node at the other end";
            return Err(range_error(&self.object(), parameter, &range, shown(name), hint));
        };
        if hopeless {
            let hint = "its success_probability is 0: look at losses and efficiencies";
            return Err(range_error(&self.object(), parameter, "over a link that can succeed", shown(name), hint));
        }
        Ok(end)
    }

    fn ticks(&self, parameter: &str, value: &Bound<'_, PyAny>, from: i64) -> PyResult<i64> {
        let object = self.object();
        let seconds = real(&object, parameter, value)?;
        if !(seconds >= 0.0 && seconds.is_finite()) {
            return Err(range_error(&object, parameter, "finite and >= 0", shown(value), "seconds"));
        }
        let scale = self.inner.network.lock().stage().world.scale;
        let ticks = scale.ticks(seconds).ok().and_then(|t| t.checked_add(from));
        ticks.ok_or_else(|| {
            range_error(&object, parameter, "within representable time", shown(value), "give Simulation a longer horizon_s")
        })
    }

    fn pair_of<'a>(&self, action: &str, parameter: &str, pair: &'a Bound<'_, PyAny>) -> PyResult<&'a HeldPair> {
        let place = || format!("{action}.{parameter}");
        let hint = if pair.is_instance_of::<Waiting>() { "await it first" } else { "as await node.pair('n0') gives" };
        let held = pair.cast::<HeldPair>().map_err(|_| type_error(&self.object(), &place(), "a pair", shown(pair), hint))?.get();
        if !Arc::ptr_eq(&held.inner, &self.inner) {
            return Err(range_error(&self.object(), &place(), "a pair of this simulation", shown(pair), ""));
        }
        if held.node != self.node {
            let value = format!("a half at '{}'", self.inner.name(held.node));
            let hint = "each end acts on its own half; tell the other one with send";
            return Err(range_error(&self.object(), &place(), "a pair with a half at this node", value, hint));
        }
        Ok(held)
    }

    fn begin(&self, py: Python<'_>, action: Action) -> PyResult<Waiting> {
        let begun = self.inner.network.lock().begin(self.node, action);
        Waiting::of(py, &self.inner, self.node, begun.map_err(|e| run_error(&e))?)
    }
}

#[pymethods]
impl ProtocolNode {
    /// The node's name.
    #[getter]
    fn name(&self) -> String {
        self.inner.name(self.node)
    }
    /// Simulated seconds since the start.
    #[getter]
    fn now_s(&self) -> f64 {
        let now = self.inner.network.lock().now();
        self.inner.seconds(now)
    }
    /// Names of the nodes that a link leads to, in the order of the links.
    #[getter]
    fn neighbours(&self) -> Vec<String> {
        self.inner.network.lock().stage().neighbours(self.node).map(str::to_owned).collect()
    }
    /// The node's own random generator, a stream that nothing else draws from.
    #[getter]
    fn rng(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let make = || -> PyResult<Py<PyAny>> {
            let (root, replica) = {
                let network = self.inner.network.lock();
                (network.stage().world.root, network.stage().replica)
            };
            Ok(py.import("ebit._rng")?.getattr("user_stream")?.call1((root, replica, self.node))?.unbind())
        };
        Ok(self.rng.get_or_try_init(py, make)?.clone_ref(py))
    }

    /// Wait for a pair that no protocol of this node holds yet, the oldest first.
    ///
    /// Parameters
    /// ----------
    /// peer : str, optional
    ///     The neighbour to whom the link leads that the half came over; None: any.
    /// end : str, optional
    ///     The node of its other half, as this node has heard.
    /// age_s : float, optional
    ///     One whose oldest elementary pair has reached this age, in seconds; looked at after the swaps of an instant.
    ///
    /// Returns
    /// -------
    /// Waiting
    ///     Await it for a ``HeldPair``.
    #[pyo3(signature = (peer=None, *, end=None, age_s=None))]
    fn pair(
        &self,
        peer: Option<&Bound<'_, PyAny>>,
        end: Option<&Bound<'_, PyAny>>,
        age_s: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Waiting> {
        let wanted = Wanted {
            end: peer.map(|p| self.end_toward("peer", p)).transpose()?,
            far: end.map(|e| self.find("end", e)).transpose()?,
            age: age_s.map(|a| self.ticks("age_s", a, 0)).transpose()?,
        };
        Ok(Waiting::new(&self.inner, self.node, Wait::Pair(wanted)))
    }

    /// Wait for a message, from ``sender`` or from anybody; await it for the object that was sent.
    #[pyo3(signature = (sender=None))]
    fn receive(&self, sender: Option<&Bound<'_, PyAny>>) -> PyResult<Waiting> {
        let from = sender.map(|s| self.find("sender", s)).transpose()?;
        Ok(Waiting::new(&self.inner, self.node, Wait::Message { from }))
    }

    /// Wait for some seconds, counted from this call; gives True.
    fn sleep(&self, seconds: &Bound<'_, PyAny>) -> PyResult<Waiting> {
        let now = self.inner.network.lock().now();
        Ok(Waiting::new(&self.inner, self.node, Wait::Until(self.ticks("seconds", seconds, now)?)))
    }

    /// Wait until a time in seconds since the start of the simulation; gives True.
    fn until(&self, time_s: &Bound<'_, PyAny>) -> PyResult<Waiting> {
        Ok(Waiting::new(&self.inner, self.node, Wait::Until(self.ticks("time_s", time_s, 0)?)))
    }

    /// Send any object to a node, along the fastest path of links, at the speed of light.
    fn send(&self, py: Python<'_>, to: &Bound<'_, PyAny>, message: Py<PyAny>) -> PyResult<Waiting> {
        let to = self.find("to", to)?;
        if to == self.node {
            let hint = "protocols of one node can share an object";
            return Err(range_error(&self.object(), "to", "another node", format!("'{}'", self.inner.name(to)), hint));
        }
        let content = self.inner.next_content.fetch_add(1, Ordering::Relaxed);
        self.inner.contents().insert(content, message);
        let (sent, lost) = {
            let mut network = self.inner.network.lock();
            (network.send(self.node, to, content), network.lost_contents())
        };
        for content in lost {
            let forgotten = self.inner.contents().remove(&content);
            drop(forgotten);
        }
        sent.map_err(|e| run_error(&e))?;
        Ok(Waiting::ready(&self.inner, self.node, py.None()))
    }

    /// Swap two pairs of which this node holds a half each, starting now, awaited or not.
    ///
    /// Success, fidelity and duration are the node's; both far ends are told by the network. Await it for a
    /// ``SwapOutcome``. ``PairGoneError``: a pair is gone already.
    fn swap(&self, py: Python<'_>, left: &Bound<'_, PyAny>, right: &Bound<'_, PyAny>) -> PyResult<Waiting> {
        let (left, right) = (self.pair_of("swap", "left", left)?.handle, self.pair_of("swap", "right", right)?.handle);
        self.begin(py, Action::Swap { left, right })
    }

    /// Measure this half now, in the basis "X", "Y" or "Z" (None: "Z"); its memory is free at once.
    ///
    /// Await it for 0 or 1, in the frame in which every pair is Phi+: it is known when all news about the pair has come.
    /// Readout errors of the node included. ``PairGoneError``: a swap on the way had failed.
    #[pyo3(signature = (pair, basis=None))]
    fn measure(&self, py: Python<'_>, pair: &Bound<'_, PyAny>, basis: Option<&Bound<'_, PyAny>>) -> PyResult<Waiting> {
        let half = self.pair_of("measure", "pair", pair)?.handle;
        let name = basis.map(|b| b.extract::<String>()).transpose();
        let basis = match (name.as_ref().map(Option::as_deref), basis) {
            (Ok(None | Some("Z")), _) => Pauli::Z,
            (Ok(Some("X")), _) => Pauli::X,
            (Ok(Some("Y")), _) => Pauli::Y,
            (_, given) => {
                let value = given.map_or_else(String::new, shown);
                return Err(range_error(&self.object(), "measure.basis", "one of 'X', 'Y', 'Z'", value, ""));
            }
        };
        self.begin(py, Action::Measure { half, basis })
    }

    /// Give a pair up; the other end lets go when it hears of it.
    fn drop(&self, py: Python<'_>, pair: &Bound<'_, PyAny>) -> PyResult<Waiting> {
        let half = self.pair_of("drop", "pair", pair)?.handle;
        self.begin(py, Action::Drop { half })
    }

    /// Deliver a pair into ``Simulation.results`` as soon as both ends know of it; its memories are free then.
    fn deliver(&self, py: Python<'_>, pair: &Bound<'_, PyAny>) -> PyResult<Waiting> {
        let half = self.pair_of("deliver", "pair", pair)?.handle;
        let done = self.inner.network.lock().deliver(self.node, half);
        done.map_err(|e| run_error(&e))?;
        Ok(Waiting::ready(&self.inner, self.node, py.None()))
    }

    fn __repr__(&self) -> String {
        format!("ProtocolNode('{}')", self.inner.name(self.node))
    }
}
