//! What both sides of Cascade agree on in public: block sizes and the order of the bits in every pass.

use ebit_random::{Lanes, Purpose};

use super::variant::Variant;
use crate::reconcile::permutation::{Permutation, Scratch};

/// Passes for keys of one length; made once for any number of keys.
#[derive(Debug, Clone)]
pub struct Plan {
    bits: usize,
    blocks: Vec<usize>,
    /// None: the order of the key.
    orders: Vec<Option<Permutation>>,
}

impl Plan {
    /// For keys of `bits` bits, at most 2^31, with about `qber` errors; the permutations are those of the seed `root`.
    pub fn new(variant: Variant, bits: usize, qber: f64, root: u128) -> Self {
        let blocks = variant.block_sizes(bits, qber);
        let orders = (0..blocks.len())
            .map(|pass| {
                let mut lanes = Lanes::new(root, 0, pass as u64, Purpose::Reconciliation);
                (pass > 0).then(|| Permutation::random(bits, &mut lanes))
            })
            .collect();
        Self { bits, blocks, orders }
    }

    pub fn bits(&self) -> usize {
        self.bits
    }

    pub fn passes(&self) -> usize {
        self.blocks.len()
    }

    /// Cells of a block of this pass.
    pub fn block(&self, pass: usize) -> usize {
        self.blocks[pass]
    }

    /// Cells of this pass: a few more than bits.
    pub fn cells(&self, pass: usize) -> usize {
        self.orders[pass].as_ref().map_or(self.bits, Permutation::cells)
    }

    /// A key in the order of this pass.
    pub fn ordered(&self, pass: usize, key: &[u64], scratch: &mut Scratch) -> Vec<u64> {
        match &self.orders[pass] {
            None => key.to_vec(),
            Some(order) => {
                let mut out = Vec::new();
                order.apply(key, &mut out, scratch);
                out
            }
        }
    }

    /// The cell of a bit of the key.
    #[inline]
    pub fn cell(&self, pass: usize, bit: usize) -> usize {
        self.orders[pass].as_ref().map_or(bit, |order| order.forward(bit))
    }

    /// The bit of the key in a cell.
    #[inline]
    pub fn bit(&self, pass: usize, cell: usize) -> usize {
        self.orders[pass].as_ref().map_or(cell, |order| order.backward(cell))
    }
}
