//! Post-processing of keys: bits cross as bytes, one each or eight, and are packed here.

use ebit_bits::{pack_bytes, unpack_rows};
use ebit_kernel::Control;
use ebit_qkd::authenticate::{Authenticator as Core, KeyExhausted};
use ebit_qkd::ledger::{Entry, Ledger};
use ebit_qkd::reconcile::cascade::{self, Reconciled, Variant};
use ebit_qkd::reconcile::{ldpc, masked, winnow};
use ebit_qkd::{privacy, verify};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors::range_error;
use crate::long_call::{Finished, long_call};
use crate::qkd_watch::{Watch, fraction};

/// Bits below which a call is done before anybody could interrupt it.
const SHORT: usize = 1 << 20;
/// The same where a decoder may take thousands of iterations before it gives up.
const SHORT_CODE: usize = 1 << 14;

/// A line of the ledger: purpose, disclosed bits, key bits, rounds.
pub type Line = (&'static str, u64, u64, u64);

pub fn lines(ledger: &Ledger) -> Vec<Line> {
    ledger.entries().iter().map(|e: &Entry| (e.purpose.name(), e.disclosed_bits, e.key_bits, e.rounds)).collect()
}

/// Bits as words: from bytes of eight bits if `packed`, else from a byte for each, which must be 0 or 1.
fn words(object: &str, parameter: &str, bytes: &[u8], bits: usize, packed: bool) -> PyResult<Vec<u64>> {
    let mut out = vec![0; bits.div_ceil(64)];
    if packed {
        for (word, eight) in out.iter_mut().zip(bytes.chunks(8)) {
            let mut padded = [0; 8];
            padded[..eight.len()].copy_from_slice(eight);
            *word = u64::from_le_bytes(padded);
        }
        return Ok(masked(&out, bits));
    }
    if pack_bytes(bytes, &mut out) > 1 {
        let wrong = bytes.iter().copied().find(|b| *b > 1).unwrap_or_default();
        return Err(range_error(object, parameter, "bits, 0 or 1", wrong, "packed bits need bit_length="));
    }
    Ok(out)
}

/// The other way: fills `bytes` with eight bits each if `packed`, else with one.
fn unwords(words: &[u64], bits: usize, packed: bool, bytes: &mut [u8]) {
    if packed {
        for (word, eight) in words.iter().zip(bytes.chunks_mut(8)) {
            eight.copy_from_slice(&word.to_le_bytes()[..eight.len()]);
        }
        return;
    }
    let (whole, rest) = bytes.split_at_mut(bits / 64 * 64);
    unpack_rows(&words[..bits / 64], whole, 64, 64);
    if let Some(last) = words.get(bits / 64).filter(|_| !rest.is_empty()) {
        let columns = rest.len();
        unpack_rows(&[*last], rest, columns, columns);
    }
}

pub fn array<'py>(py: Python<'py>, rows: usize, columns: usize) -> PyResult<Bound<'py, PyArray2<u8>>> {
    Ok(py.import("numpy")?.call_method1("empty", ((rows, columns), "uint8"))?.cast_into::<PyArray2<u8>>()?)
}

/// The Toeplitz hash of `bits` bits.
#[pyfunction]
#[pyo3(signature = (object, bits, bit_length, seed, length, packed, /))]
pub fn qkd_toeplitz<'py>(
    py: Python<'py>,
    object: &str,
    bits: PyReadonlyArray1<'py, u8>,
    bit_length: usize,
    seed: PyReadonlyArray1<'py, u8>,
    length: usize,
    packed: bool,
) -> PyResult<Bound<'py, PyArray1<u8>>> {
    let (bits, seed) = (bits.as_slice()?, seed.as_slice()?);
    let seed_length = privacy::seed_bits(bit_length, length);
    let work = || -> PyResult<Vec<u64>> {
        let key = words(object, "bits", bits, bit_length, packed)?;
        let seed = words(object, "seed_bits", seed, seed_length, packed)?;
        Ok(privacy::toeplitz(&key, bit_length, &seed, length))
    };
    let hashed = if bit_length + length < SHORT {
        py.detach(work)?
    } else {
        let control = Control::new();
        let Finished { value, stopped_by } = long_call(py, &control, None, || 0.0, work)?;
        if let Some(error) = stopped_by {
            return Err(error);
        }
        value?
    };
    let out = array(py, 1, if packed { length.div_ceil(8) } else { length })?;
    unwords(&hashed, length, packed, out.readwrite().as_slice_mut()?);
    let flat = out.call_method1("reshape", (-1,))?;
    Ok(flat.cast_into::<PyArray1<u8>>()?)
}

/// Rows of keys and what becomes of them: corrected rows, the ledger, disclosed bits, flips and success per row.
type Rows<'py> =
    (Bound<'py, PyArray2<u8>>, Vec<Line>, Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<bool>>);

/// Keys as they crossed the boundary.
struct Keys<'a, 'py> {
    object: &'a str,
    alice: PyReadonlyArray2<'py, u8>,
    bob: PyReadonlyArray2<'py, u8>,
    bit_length: usize,
    packed: bool,
}

/// What reconciliation gave for one key.
struct Done {
    key: Vec<u64>,
    ledger: Ledger,
    flips: u64,
    found: bool,
}

impl<'py> Keys<'_, 'py> {
    /// Reconciles row by row; `prepare` runs first, on the same thread. Fewer bits than `short` are not interrupted.
    fn each<P: Send>(
        self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
        short: usize,
        prepare: impl FnOnce() -> P + Send,
        one: impl Fn(&mut P, &mut Watch<'_>, u64, &[u64], &[u64]) -> Done + Send + Sync,
    ) -> PyResult<Rows<'py>> {
        let Self { object, alice, bob, bit_length, packed } = self;
        let (rows, width) = (alice.shape()[0], alice.shape()[1]);
        let out = array(py, rows, width)?;
        let mut written = out.readwrite();
        let (hers, his, into) = (alice.as_slice()?, bob.as_slice()?, written.as_slice_mut()?);
        let control = Control::new();
        let mut ledger = Ledger::new();
        let (mut disclosed, mut flips, mut found) =
            (Vec::with_capacity(rows), Vec::with_capacity(rows), Vec::with_capacity(rows));
        let work = || -> PyResult<()> {
            let mut prepared = prepare();
            let mut watch = Watch::new(&control);
            let keys = hers.chunks_exact(width).zip(his.chunks_exact(width));
            for (row, ((hers, his), into)) in keys.zip(into.chunks_exact_mut(width)).enumerate() {
                if control.should_stop() {
                    return Ok(());
                }
                let hers = words(object, "alice", hers, bit_length, packed)?;
                let his = words(object, "bob", his, bit_length, packed)?;
                let done = one(&mut prepared, &mut watch, row as u64, &hers, &his);
                unwords(&done.key, bit_length, packed, into);
                disclosed.push(done.ledger.disclosed_bits());
                flips.push(done.flips);
                found.push(done.found);
                ledger.beside(&done.ledger);
                watch.key_done();
            }
            Ok(())
        };
        if progress.is_none() && rows.saturating_mul(bit_length) < short {
            py.detach(work)?;
        } else {
            let Finished { value, stopped_by } = long_call(py, &control, progress, || fraction(&control, rows), work)?;
            if let Some(error) = stopped_by {
                return Err(error);
            }
            value?;
        }
        drop(written);
        let columns = (PyArray1::from_vec(py, disclosed), PyArray1::from_vec(py, flips), PyArray1::from_vec(py, found));
        Ok((out, lines(&ledger), columns.0, columns.1, columns.2))
    }
}

/// Cascade on rows of keys.
#[pyfunction]
#[pyo3(signature = (object, alice, bob, bit_length, packed, qber, variant, root, progress=None, /))]
#[allow(clippy::too_many_arguments)]
pub fn qkd_cascade<'py>(
    py: Python<'py>,
    object: &str,
    alice: PyReadonlyArray2<'py, u8>,
    bob: PyReadonlyArray2<'py, u8>,
    bit_length: usize,
    packed: bool,
    qber: f64,
    variant: &str,
    root: u128,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Rows<'py>> {
    let variant = Variant::named(variant).ok_or_else(|| {
        let names = Variant::ALL.map(Variant::name).join(", ");
        range_error(object, "variant", &format!("one of {names}"), variant, "")
    })?;
    let prepare = || cascade::Plan::new(variant, bit_length, qber, root);
    let one = |plan: &mut cascade::Plan, watch: &mut Watch<'_>, _: u64, hers: &[u64], his: &[u64]| {
        let Reconciled { key, ledger, flips } = cascade::cascade(plan, hers, his, &mut || watch.step());
        Done { key, ledger, flips, found: true }
    };
    Keys { object, alice, bob, bit_length, packed }.each(py, progress.as_ref(), SHORT, prepare, one)
}

/// Low-density parity-check codes on rows of keys.
#[pyfunction]
#[pyo3(signature = (object, alice, bob, bit_length, packed, qber, efficiency, root, progress=None, /))]
#[allow(clippy::too_many_arguments)]
pub fn qkd_ldpc<'py>(
    py: Python<'py>,
    object: &str,
    alice: PyReadonlyArray2<'py, u8>,
    bob: PyReadonlyArray2<'py, u8>,
    bit_length: usize,
    packed: bool,
    qber: f64,
    efficiency: Option<f64>,
    root: u128,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Rows<'py>> {
    let efficiency = efficiency.unwrap_or_else(|| ldpc::usual_efficiency(qber));
    let prepare = || (ldpc::Plan::new(bit_length, qber, efficiency), ldpc::Decoder::default());
    let one = |(plan, decoder): &mut (ldpc::Plan, ldpc::Decoder), watch: &mut Watch<'_>, row: u64, hers: &[u64], his: &[u64]| {
        let ldpc::Decoded { key, ledger, flips, found } = ldpc::ldpc(plan, hers, his, decoder, root, row, &mut || watch.step());
        Done { key, ledger, flips, found }
    };
    Keys { object, alice, bob, bit_length, packed }.each(py, progress.as_ref(), SHORT_CODE, prepare, one)
}

/// Winnow on rows of keys.
#[pyfunction]
#[pyo3(signature = (object, alice, bob, bit_length, packed, qber, root, progress=None, /))]
#[allow(clippy::too_many_arguments)]
pub fn qkd_winnow<'py>(
    py: Python<'py>,
    object: &str,
    alice: PyReadonlyArray2<'py, u8>,
    bob: PyReadonlyArray2<'py, u8>,
    bit_length: usize,
    packed: bool,
    qber: f64,
    root: u128,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Rows<'py>> {
    let prepare = || winnow::Plan::new(bit_length, qber, root);
    let one = |plan: &mut winnow::Plan, watch: &mut Watch<'_>, _: u64, hers: &[u64], his: &[u64]| {
        let winnow::Winnowed { key, ledger, flips, found } = winnow::winnow(plan, hers, his, &mut || watch.step());
        Done { key, ledger, flips, found }
    };
    Keys { object, alice, bob, bit_length, packed }.each(py, progress.as_ref(), SHORT, prepare, one)
}

/// Whether two keys have equal tags, the bound on a failure, and the ledger.
#[pyfunction]
#[pyo3(signature = (object, alice, bob, bit_length, packed, tag_bits, root, /))]
#[allow(clippy::too_many_arguments)]
pub fn qkd_verify(
    py: Python<'_>,
    object: &str,
    alice: PyReadonlyArray1<'_, u8>,
    bob: PyReadonlyArray1<'_, u8>,
    bit_length: usize,
    packed: bool,
    tag_bits: u32,
    root: u128,
) -> PyResult<(bool, f64, Vec<Line>)> {
    let (alice, bob) = (alice.as_slice()?, bob.as_slice()?);
    py.detach(|| {
        let alice = words(object, "alice", alice, bit_length, packed)?;
        let bob = words(object, "bob", bob, bit_length, packed)?;
        let mut ledger = Ledger::new();
        let found = verify::verify(&alice, &bob, bit_length as u64, tag_bits, root, &mut ledger);
        Ok((found.equal, found.failure_probability, lines(&ledger)))
    })
}

/// Bits that may be taken from a key of so much min-entropy.
#[pyfunction]
#[pyo3(signature = (min_entropy_bits, disclosed_bits, epsilon, /))]
pub fn qkd_secret_length(min_entropy_bits: f64, disclosed_bits: u64, epsilon: f64) -> u64 {
    privacy::secret_length(min_entropy_bits, disclosed_bits, epsilon)
}

/// One side of an authenticated channel.
#[pyclass(module = "ebit._core")]
pub struct QkdAuthenticator {
    core: Core,
    ledger: Ledger,
}

fn exhausted(error: KeyExhausted) -> PyErr {
    range_error(
        "Authenticator",
        "key",
        &format!("at least {} bits", error.needed),
        format!("{} bits", error.left),
        "give it fresh key",
    )
}

#[pymethods]
impl QkdAuthenticator {
    #[new]
    #[pyo3(signature = (key, bit_length, packed, tag_bits, /))]
    fn new(key: PyReadonlyArray1<'_, u8>, bit_length: usize, packed: bool, tag_bits: u32) -> PyResult<Self> {
        let key = words("Authenticator", "key", key.as_slice()?, bit_length, packed)?;
        let mut ledger = Ledger::new();
        let core = Core::new(key, bit_length as u64, tag_bits, &mut ledger).map_err(exhausted)?;
        Ok(Self { core, ledger })
    }

    /// The tag of the next message, least significant byte first.
    fn tag(&mut self, message: &[u8]) -> PyResult<Vec<u8>> {
        let tag = self.core.tag(message, &mut self.ledger).map_err(exhausted)?;
        Ok(tag.to_le_bytes()[..self.core.tag_bits().div_ceil(8) as usize].to_vec())
    }

    /// Whether the next message came with its tag.
    fn accepts(&mut self, message: &[u8], tag: &[u8]) -> PyResult<bool> {
        Ok(self.tag(message)? == tag)
    }

    fn key_bits_used(&self) -> u64 {
        self.core.key_bits_used()
    }

    fn key_bits_left(&self) -> u64 {
        self.core.key_bits_left()
    }

    fn lines(&self) -> Vec<Line> {
        lines(&self.ledger)
    }
}
