//! What a protocol holds: its half of a pair; and what it is told of a swap.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ebit_network::simulation::{Handle, Held};
use pyo3::prelude::*;

use super::Inner;

/// A half of an entangled pair in a memory of this node.
#[pyclass(frozen, module = "ebit")]
pub struct HeldPair {
    pub inner: Arc<Inner>,
    pub node: u32,
    pub handle: Handle,
    id: u64,
}

impl HeldPair {
    pub fn new(inner: &Arc<Inner>, node: u32, handle: Handle, id: u64) -> Self {
        Self { inner: inner.clone(), node, handle, id }
    }
    fn held(&self) -> Option<Held> {
        self.inner.network.lock().held(self.node, self.handle)
    }
}

#[pymethods]
impl HeldPair {
    /// The pair's identity when it was handed out.
    #[getter]
    fn id(&self) -> u64 {
        self.id
    }
    /// Whether the half has been swapped, measured, delivered, dropped or lost.
    #[getter]
    fn gone(&self) -> bool {
        self.held().is_none()
    }
    /// The node at the other end; None while news about the pair is under way, or when it is gone.
    #[getter]
    fn peer(&self) -> Option<String> {
        self.held()?.far.map(|far| self.inner.name(far))
    }
    /// Seconds since the herald of the oldest elementary pair inside; None when it is gone.
    #[getter]
    fn age_s(&self) -> Option<f64> {
        let birth = self.held()?.birth;
        let now = self.inner.network.lock().now();
        Some(self.inner.seconds(now - birth))
    }
    /// The weight of Phi+ now, which only a simulation knows; None when it is gone.
    #[getter]
    fn fidelity(&self) -> Option<f64> {
        self.held().map(|h| h.quality[0])
    }
    fn __eq__(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) && self.handle == other.handle
    }
    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.handle.hash(&mut hasher);
        hasher.finish()
    }
    fn __repr__(&self) -> String {
        let gone = if self.gone() { ", gone" } else { "" };
        format!("HeldPair(id={}, node='{}'{gone})", self.id, self.inner.name(self.node))
    }
}

/// How a swap ended.
#[pyclass(frozen, module = "ebit")]
pub struct SwapOutcome {
    ok: bool,
    pair_id: u64,
}

impl SwapOutcome {
    pub fn new(ok: bool, pair_id: u64) -> Self {
        Self { ok, pair_id }
    }
}

#[pymethods]
impl SwapOutcome {
    /// Whether it succeeded.
    #[getter]
    fn ok(&self) -> bool {
        self.ok
    }
    /// The identity of the pair it made; 0 if it failed.
    #[getter]
    fn pair_id(&self) -> u64 {
        self.pair_id
    }
    fn __bool__(&self) -> bool {
        self.ok
    }
    fn __repr__(&self) -> String {
        format!("SwapOutcome(ok={}, pair_id={})", if self.ok { "True" } else { "False" }, self.pair_id)
    }
}
