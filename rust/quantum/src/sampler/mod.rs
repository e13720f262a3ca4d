//! Many shots of a circuit of Clifford gates with Pauli noise, by Pauli frames.
//!
//! ```text
//!     circuit --reference--> one noiseless shot on a stabilizer state ---+
//!        |                                                               v
//!        +--compile, prune--> operations on rows --blocks of shots--> flips --XOR--> results
//! ```
//!
//! The method is Stim's (Gidney, doi:10.22331/q-2021-07-06-497). The time of a shot does not depend on the number of its
//! qubits beyond the gates themselves: nothing is ever measured on a state. Results depend on circuit and seed, and neither
//! on the number of shots (a smaller sample is the beginning of a larger one) nor of threads. Refuses to know: Python.

mod block;
mod liveness;
mod output;
mod program;
mod reference;

use std::sync::Mutex;

use ebit_bits::vectorize_wide;
use ebit_random::{Lanes, Purpose};

pub use output::{Layout, Output};

use crate::circuit::Circuit;
use crate::error::QuantumError;
use block::{Block, SHOTS};
use output::{Part, split, write};
use program::{Program, Wanted};

/// A circuit made ready for sampling.
///
/// ```
/// use ebit_quantum::{Layout, Output, Sampler};
///
/// let sampler = Sampler::measurements(&"H 0\nCX 0 1\nM 0 1".parse()?)?;
/// let mut bits = vec![0; 100 * 2];
/// let layout = Layout { packed: false, by_shot: true };
/// sampler.sample(100, 7, 1, vec![Output { columns: 0..2, layout, data: &mut bits }], &|_| false);
/// assert!(bits.chunks(2).all(|shot| shot[0] == shot[1]));
/// # Ok::<(), ebit_quantum::QuantumError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sampler {
    program: Program,
    reference: Vec<bool>,
}

impl Sampler {
    /// Samples measurement results.
    ///
    /// # Errors
    /// What frames cannot follow: other gates than Clifford gates, conditions on other gates than Paulis; a lookback
    /// before the beginning, a product that is not Hermitian, more than 2^24 results.
    pub fn measurements(circuit: &Circuit) -> Result<Self, QuantumError> {
        Self::new(circuit, Wanted::Measurements)
    }

    /// Samples flips of detectors and observables relative to the reference shot.
    ///
    /// # Errors
    /// As [`Self::measurements`].
    pub fn detectors(circuit: &Circuit) -> Result<Self, QuantumError> {
        Self::new(circuit, Wanted::Detectors)
    }

    fn new(circuit: &Circuit, wanted: Wanted) -> Result<Self, QuantumError> {
        let program = Program::compile(circuit, wanted)?;
        let needed = wanted == Wanted::Measurements || program.has_conditions();
        let reference = if needed { reference::reference(circuit)? } else { Vec::new() };
        Ok(Self { program, reference })
    }

    /// Columns of the result: measurements, or detectors and then observables.
    pub fn columns(&self) -> usize {
        match self.program.wanted {
            Wanted::Measurements => self.program.measurements,
            Wanted::Detectors => self.program.detectors + self.program.observables,
        }
    }

    /// Detectors: the column behind the last one.
    pub fn detectors_end(&self) -> usize {
        self.program.detectors
    }

    /// Fills the outputs with `shots` shots under the seed `root`, on this many threads.
    ///
    /// `stop` is called behind every block with its number of shots, from any thread; true ends the work early.
    ///
    /// # Panics
    /// If an output's columns or size do not fit.
    pub fn sample(
        &self,
        shots: usize,
        root: u128,
        threads: usize,
        outputs: Vec<Output<'_>>,
        stop: &(impl Fn(u64) -> bool + Sync),
    ) {
        let blocks = shots.div_ceil(SHOTS);
        let mut work: Vec<Vec<_>> = (0..blocks).map(|_| Vec::with_capacity(outputs.len())).collect();
        for output in outputs {
            let (columns, packed) = (output.columns.clone(), output.layout.packed);
            assert_eq!(output.data.len(), output.layout.bytes(shots, columns.len()), "the size of an output");
            for (parts, part) in work.iter_mut().zip(split(output, shots)) {
                parts.push((part, columns.clone(), packed));
            }
        }
        let queue = Mutex::new(work.into_iter().enumerate());
        let next = || queue.lock().ok().and_then(|mut queue| queue.next());
        let worker = || {
            let mut block = Block::new(&self.program);
            while let Some((number, mut parts)) = next() {
                let here = (shots - number * SHOTS).min(SHOTS);
                self.block(number as u64, here, root, &mut block, &mut parts);
                if stop(here as u64) {
                    break;
                }
            }
        };
        if threads <= 1 || blocks <= 1 {
            worker();
        } else {
            std::thread::scope(|scope| (0..threads.min(blocks)).for_each(|_| drop(scope.spawn(worker))));
        }
    }

    fn block(
        &self,
        number: u64,
        shots: usize,
        root: u128,
        block: &mut Block,
        parts: &mut [(Part<'_>, core::ops::Range<usize>, bool)],
    ) {
        let mut lanes = Lanes::new(root, 0, number, Purpose::Frame);
        vectorize_wide(
            #[inline(always)]
            || block.run(&self.program, &self.reference, &mut lanes),
        );
        let (rows, reference) = match self.program.wanted {
            Wanted::Measurements => (block.record(), Some(&self.reference[..])),
            Wanted::Detectors => (block.detectors(), None),
        };
        for (part, columns, packed) in parts {
            write(part, *packed, shots, &rows[columns.clone()], reference.map(|bits| &bits[columns.clone()]));
        }
    }
}
