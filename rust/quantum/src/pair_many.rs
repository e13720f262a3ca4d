//! Many Bell-diagonal pairs at once: rows of four weights, read once, judged and transformed in the same pass.
//!
//! Rows are (Phi+, Phi-, Psi+, Psi-), one after another in a slice. Owns the loops and the judgement of rows; refuses to
//! know where the memory came from. After an error the output holds nothing of use.

// Plain loops over lanes are what the compiler turns into vectors; iterators and array maps it does not.
#![allow(clippy::needless_range_loop)]

use ebit_bits::vectorize;

use crate::bell::{BellDiagonal, Distillation, OBJECT, WEIGHT_TOLERANCE};
use crate::error::{QuantumError, number};

/// A number for all rows, or one for each.
#[derive(Debug, Clone, Copy)]
pub enum PerRow<'a> {
    Same(f64),
    Each(&'a [f64]),
}

type Row = [f64; 4];
/// Four rows, column by column: what a vector register of four lanes holds.
type Block = [[f64; 4]; 4];

#[inline(always)]
fn transposed(rows: &Block) -> Block {
    let mut out = [[0.0; 4]; 4];
    for k in 0..4 {
        for l in 0..4 {
            out[k][l] = rows[l][k];
        }
    }
    out
}

/// What a pass has seen of its rows: enough to know that all are distributions, not which one is none.
struct Seen {
    /// The least weight, or 0.
    least: [f64; 4],
    /// How far from 1 the rows' sums are, together: what is not a number stays in it.
    away: [f64; 4],
}

impl Seen {
    const NOTHING: Self = Self { least: [0.0; 4], away: [0.0; 4] };

    #[inline(always)]
    fn add(&mut self, w: &Block) {
        for l in 0..4 {
            let [a, b, c, d] = [w[0][l], w[1][l], w[2][l], w[3][l]];
            self.away[l] += (((a + b) + (c + d)) - 1.0).abs();
            let (left, right) = (if b < a { b } else { a }, if d < c { d } else { c });
            let least = if right < left { right } else { left };
            self.least[l] = if least < self.least[l] { least } else { self.least[l] };
        }
    }

    /// False if a row may be bad, or if very many are off by a little: then each is looked at by itself.
    fn all_good(&self) -> bool {
        self.least == [0.0; 4] && self.away.iter().sum::<f64>() <= WEIGHT_TOLERANCE
    }
}

#[inline(always)]
fn swap(a: &Block, b: &Block) -> Block {
    let mut out = [[0.0; 4]; 4];
    for k in 0..4 {
        for l in 0..4 {
            out[k][l] = (a[0][l] * b[k][l] + a[1][l] * b[k ^ 1][l]) + (a[2][l] * b[k ^ 2][l] + a[3][l] * b[k ^ 3][l]);
        }
    }
    out
}

#[inline(always)]
fn depolarize(w: &Block, p: &[f64; 4]) -> Block {
    let mut out = [[0.0; 4]; 4];
    for k in 0..4 {
        for l in 0..4 {
            out[k][l] = (1.0 - p[l]) * w[k][l] + 0.25 * p[l];
        }
    }
    out
}

#[inline(always)]
fn dephase(w: &Block, p: &[f64; 4]) -> Block {
    let mut out = [[0.0; 4]; 4];
    for k in 0..4 {
        for l in 0..4 {
            out[k][l] = (1.0 - p[l]) * w[k][l] + p[l] * w[k ^ 1][l];
        }
    }
    out
}

const PERFECT: Row = [1.0, 0.0, 0.0, 0.0];

/// Up to four rows, the rest filled up with what every judge accepts.
#[inline(always)]
fn padded(rows: &[Row]) -> Block {
    std::array::from_fn(|k| rows.get(k).copied().unwrap_or(PERFECT))
}

/// Judges and combines two arrays of rows, four rows at a time; `out` takes what `combine` makes of the columns.
#[inline(always)]
fn pass(
    a: &[Row],
    b: &[Row],
    out: &mut [Row],
    share: impl Fn(usize) -> [f64; 4],
    mut combine: impl FnMut(usize, &Block, &Block, &[f64; 4]) -> Block,
) -> bool {
    let mut seen = Seen::NOTHING;
    let (a, a_tail) = a.as_chunks::<4>();
    let (b, b_tail) = b.as_chunks::<4>();
    let (out, out_tail) = out.as_chunks_mut::<4>();
    let whole = a.len();
    for (k, ((a, b), out)) in a.iter().zip(b).zip(out).enumerate() {
        let (a, b) = (transposed(a), transposed(b));
        seen.add(&a);
        seen.add(&b);
        *out = transposed(&combine(k, &a, &b, &share(k)));
    }
    if !a_tail.is_empty() {
        let (a, b) = (transposed(&padded(a_tail)), transposed(&padded(b_tail)));
        seen.add(&a);
        seen.add(&b);
        let rows = transposed(&combine(whole, &a, &b, &share(whole)));
        out_tail.iter_mut().zip(rows).for_each(|(to, row)| *to = row);
    }
    seen.all_good()
}

/// The shares of rows 4k to 4k + 3.
#[inline(always)]
fn shares(each: &[f64], k: usize) -> [f64; 4] {
    match each.get(4 * k..4 * k + 4) {
        Some(&[a, b, c, d]) => [a, b, c, d],
        _ => std::array::from_fn(|j| each.get(4 * k + j).copied().unwrap_or(0.0)),
    }
}

fn rows_of(slice: &[f64]) -> &[Row] {
    slice.as_chunks().0
}

/// After a pass that was not sure of its rows: the first one that is no distribution.
#[cold]
fn judged(names: &[(&str, &[Row])]) -> Result<(), QuantumError> {
    for (name, rows) in names {
        for (k, row) in rows.iter().enumerate() {
            if let Err(mut error) = BellDiagonal::new(*row) {
                error.parameter = error.parameter.replacen("weights", &format!("{name}[{k}]"), 1);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Probabilities inside [0, 1], as many as rows.
fn check_shares(p: PerRow<'_>, rows: usize, hint: &'static str) -> Result<(), QuantumError> {
    match p {
        PerRow::Same(p) => QuantumError::probability(OBJECT, "p", p, hint).map(|_| ()),
        PerRow::Each(each) if each.len() != rows => {
            Err(QuantumError::new(OBJECT, "p", format!("one number or {rows}, one a row"), each.len(), hint))
        }
        PerRow::Each(each) => match each.iter().position(|p| !(0.0..=1.0).contains(p)) {
            None => Ok(()),
            Some(k) => {
                let value = number(each[k]);
                Err(QuantumError::new(OBJECT, format!("p[{k}]"), "a probability in [0, 1]", value, hint))
            }
        },
    }
}

/// Slices of as many rows each.
fn check_lengths(a: &[f64], others: &[(&str, usize)]) -> Result<(), QuantumError> {
    let rows = a.len() / 4;
    match others.iter().find(|(_, length)| *length != rows) {
        None => Ok(()),
        Some((name, length)) => Err(QuantumError::new(OBJECT, *name, format!("{rows} rows, as many as a"), length, "")),
    }
}

/// Swaps row by row, then depolarizes the result by `p`: w -> (1-p) w + p/4.
///
/// # Errors
/// Slices of different lengths, a row that is no distribution, a `p` outside [0, 1].
pub fn swap_many(a: &[f64], b: &[f64], p: PerRow<'_>, out: &mut [f64]) -> Result<(), QuantumError> {
    check_lengths(a, &[("b", b.len() / 4), ("out", out.len() / 4)])?;
    let (a, b, out) = (rows_of(a), rows_of(b), out.as_chunks_mut().0);
    check_shares(p, a.len(), "the weight of the noise after the swap, 0 for none")?;
    let fine = match p {
        PerRow::Same(0.0) => vectorize(
            #[inline(always)]
            || {
                pass(
                    a,
                    b,
                    out,
                    #[inline(always)]
                    |_| [0.0; 4],
                    #[inline(always)]
                    |_, a, b, _| swap(a, b),
                )
            },
        ),
        PerRow::Same(p) => vectorize(
            #[inline(always)]
            || {
                pass(
                    a,
                    b,
                    out,
                    #[inline(always)]
                    |_| [p; 4],
                    #[inline(always)]
                    |_, a, b, p| depolarize(&swap(a, b), p),
                )
            },
        ),
        PerRow::Each(each) => vectorize(
            #[inline(always)]
            || {
                pass(
                    a,
                    b,
                    out,
                    #[inline(always)]
                    |k| shares(each, k),
                    #[inline(always)]
                    |_, a, b, p| depolarize(&swap(a, b), p),
                )
            },
        ),
    };
    if fine { Ok(()) } else { judged(&[("a", a), ("b", b)]) }
}

#[inline(always)]
fn transform_many(
    a: &[f64],
    p: PerRow<'_>,
    hint: &'static str,
    out: &mut [f64],
    change: impl Fn(&Block, &[f64; 4]) -> Block,
) -> Result<(), QuantumError> {
    check_lengths(a, &[("out", out.len() / 4)])?;
    let (a, out) = (rows_of(a), out.as_chunks_mut().0);
    check_shares(p, a.len(), hint)?;
    // One array stands in both places: the second judgement is the same one, and the compiler sees it.
    let fine = match p {
        PerRow::Same(p) => vectorize(
            #[inline(always)]
            || {
                pass(
                    a,
                    a,
                    out,
                    #[inline(always)]
                    |_| [p; 4],
                    #[inline(always)]
                    |_, a, _, p| change(a, p),
                )
            },
        ),
        PerRow::Each(each) => vectorize(
            #[inline(always)]
            || {
                pass(
                    a,
                    a,
                    out,
                    #[inline(always)]
                    |k| shares(each, k),
                    #[inline(always)]
                    |_, a, _, p| change(a, p),
                )
            },
        ),
    };
    if fine { Ok(()) } else { judged(&[("a", a)]) }
}

/// w -> (1-p) w + p/4 row by row.
///
/// # Errors
/// As [`swap_many`].
pub fn depolarize_many(a: &[f64], p: PerRow<'_>, out: &mut [f64]) -> Result<(), QuantumError> {
    transform_many(a, p, "the weight of the noise, 0 for none", out, depolarize)
}

/// A phase flip of probability `p` on one half, row by row.
///
/// # Errors
/// As [`swap_many`].
pub fn dephase_many(a: &[f64], p: PerRow<'_>, out: &mut [f64]) -> Result<(), QuantumError> {
    transform_many(a, p, "of a phase flip; 0.5 leaves no coherence", out, dephase)
}

/// Werner pairs of these fidelities.
///
/// # Errors
/// A fidelity outside [0, 1], named by its index.
pub fn werner_many(fidelities: &[f64], out: &mut [f64]) -> Result<(), QuantumError> {
    let out: &mut [Row] = out.as_chunks_mut().0;
    for (k, (f, row)) in fidelities.iter().zip(out).enumerate() {
        let name = |error: QuantumError| QuantumError { parameter: format!("fidelity[{k}]"), ..error };
        *row = BellDiagonal::werner(*f).map_err(name)?.weights();
    }
    Ok(())
}

/// Two pairs into one, row by row: the probabilities that the measured bits agree, and the pairs kept then.
///
/// # Errors
/// As [`swap_many`].
pub fn distill_many(
    a: &[f64],
    b: &[f64],
    protocol: Distillation,
    probabilities: &mut [f64],
    out: &mut [f64],
) -> Result<(), QuantumError> {
    check_lengths(a, &[("b", b.len() / 4), ("out", out.len() / 4), ("probabilities", probabilities.len())])?;
    let (a, b, out) = (rows_of(a), rows_of(b), out.as_chunks_mut().0);
    let fine = vectorize(
        #[inline(always)]
        || {
            let write = |k: usize, a: &Block, b: &Block, _: &[f64; 4]| {
                let (pass, kept) = distill(&prepared(a, protocol), &prepared(b, protocol));
                probabilities[4 * k..].iter_mut().zip(pass).for_each(|(to, p)| *to = p);
                kept
            };
            pass(a, b, out, |_| [0.0; 4], write)
        },
    );
    if fine { Ok(()) } else { judged(&[("a", a), ("b", b)]) }
}

#[inline(always)]
fn prepared(w: &Block, protocol: Distillation) -> Block {
    match protocol {
        Distillation::Dejmps => [w[0], w[3], w[2], w[1]],
        Distillation::Bbpssw => {
            let mut rest = [0.0; 4];
            for l in 0..4 {
                rest[l] = (1.0 - w[0][l]) / 3.0;
            }
            [w[0], rest, rest, rest]
        }
    }
}

#[inline(always)]
fn distill(a: &Block, b: &Block) -> ([f64; 4], Block) {
    let (mut pass, mut kept) = ([0.0; 4], [[0.0; 4]; 4]);
    for l in 0..4 {
        let sums = [
            a[0][l] * b[0][l] + a[1][l] * b[1][l],
            a[0][l] * b[1][l] + a[1][l] * b[0][l],
            a[2][l] * b[2][l] + a[3][l] * b[3][l],
            a[2][l] * b[3][l] + a[3][l] * b[2][l],
        ];
        pass[l] = ((sums[0] + sums[1]) + sums[2]) + sums[3];
        for k in 0..4 {
            // A pair that never passes has nothing to give: white noise.
            kept[k][l] = if pass[l] > 0.0 { sums[k] / pass[l] } else { 0.25 };
        }
    }
    (pass, kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(n: usize, numbers: &[f64]) -> Vec<f64> {
        (0..n)
            .flat_map(|k| {
                let w: [f64; 4] = std::array::from_fn(|j| numbers[(4 * k + j) % numbers.len()]);
                w.map(|x| x / w.iter().sum::<f64>())
            })
            .collect()
    }

    fn pairs(rows: &[f64]) -> Vec<BellDiagonal> {
        rows_of(rows).iter().map(|r| BellDiagonal::new(*r).unwrap()).collect()
    }

    fn assert_rows(out: &[f64], wanted: impl Iterator<Item = BellDiagonal>) {
        let wanted: Vec<f64> = wanted.flat_map(|p| p.weights()).collect();
        assert_eq!(out.len(), wanted.len());
        for (a, b) in out.iter().zip(wanted) {
            assert!((a - b).abs() < 1e-15, "{a} against {b}");
        }
    }

    proptest! {
        #[test]
        fn rows_are_pairs(n in 0usize..12, x in prop::collection::vec(1e-3..1.0f64, 61), y in prop::collection::vec(1e-3..1.0f64, 67)) {
            let (a, b) = (rows(n, &x), rows(n, &y));
            let (left, right) = (pairs(&a), pairs(&b));
            let each: Vec<f64> = (0..n).map(|k| x[k]).collect();
            let mut out = vec![f64::NAN; 4 * n];
            swap_many(&a, &b, PerRow::Same(0.0), &mut out).unwrap();
            assert_rows(&out, left.iter().zip(&right).map(|(a, b)| a.swap(b)));
            swap_many(&a, &b, PerRow::Each(&each), &mut out).unwrap();
            assert_rows(&out, left.iter().zip(&right).zip(&each).map(|((a, b), p)| a.swap(b).depolarize(*p).unwrap()));
            depolarize_many(&a, PerRow::Same(0.3), &mut out).unwrap();
            assert_rows(&out, left.iter().map(|a| a.depolarize(0.3).unwrap()));
            dephase_many(&a, PerRow::Each(&each), &mut out).unwrap();
            assert_rows(&out, left.iter().zip(&each).map(|(a, p)| a.dephase(*p).unwrap()));
            werner_many(&each, &mut out).unwrap();
            assert_rows(&out, each.iter().map(|f| BellDiagonal::werner(*f).unwrap()));
            for protocol in [Distillation::Dejmps, Distillation::Bbpssw] {
                let mut p = vec![f64::NAN; n];
                distill_many(&a, &b, protocol, &mut p, &mut out).unwrap();
                let wanted: Vec<_> = left.iter().zip(&right).map(|(a, b)| a.distill(b, protocol)).collect();
                assert_rows(&out, wanted.iter().map(|(_, pair)| *pair));
                prop_assert!(p.iter().zip(&wanted).all(|(a, (b, _))| (a - b).abs() < 1e-15));
            }
        }

        #[test]
        fn rows_a_little_off_are_taken(n in 1usize..40) {
            // Together they are off by more than one row may be.
            let a = [0.25 + 0.9e-9, 0.25, 0.25, 0.25].repeat(n);
            let mut out = vec![f64::NAN; 4 * n];
            swap_many(&a, &a, PerRow::Same(0.0), &mut out).unwrap();
            prop_assert!(out.iter().all(|w| (w - 0.25).abs() < 1e-8));
        }

        #[test]
        fn a_bad_row_is_named((n, bad) in (1usize..12).prop_flat_map(|n| (Just(n), 0..n)), place in 0usize..4, second in any::<bool>()) {
            for value in [f64::NAN, f64::INFINITY, -1e-3, 0.5] {
                let (mut a, mut b) = (PERFECT.repeat(n), PERFECT.repeat(n));
                let target = if second { &mut b } else { &mut a };
                target[4 * bad + place] = value;
                let mut out = vec![0.0; 4 * n];
                let error = swap_many(&a, &b, PerRow::Same(0.1), &mut out).unwrap_err();
                let name = format!("{}[{bad}]", if second { "b" } else { "a" });
                prop_assert!(error.parameter.starts_with(&name), "{}", error);
                if !second {
                    prop_assert!(depolarize_many(&a, PerRow::Same(0.1), &mut out).unwrap_err().parameter.starts_with(&name));
                }
            }
        }
    }

    #[test]
    fn shapes_and_shares_are_judged() {
        let a = PERFECT.repeat(3);
        let mut out = vec![0.0; 12];
        let error = |result: Result<(), QuantumError>| result.unwrap_err().to_string();
        assert!(error(swap_many(&a, &a[..8], PerRow::Same(0.0), &mut out)).contains("b must be 3 rows"));
        assert!(error(swap_many(&a, &a, PerRow::Same(2.0), &mut out)).contains("p must be a probability"));
        assert!(error(dephase_many(&a, PerRow::Each(&[0.1, -0.5, 0.1]), &mut out)).contains("p[1]"));
        assert!(error(dephase_many(&a, PerRow::Each(&[0.1]), &mut out)).contains("one number or 3"));
        assert!(error(werner_many(&[0.5, f64::NAN], &mut out)).contains("fidelity[1]"));
        // Two pairs that never agree.
        let psi = [0.0, 0.0, 1.0, 0.0].repeat(3);
        let mut p = vec![1.0; 3];
        distill_many(&a, &psi, Distillation::Dejmps, &mut p, &mut out).unwrap();
        assert_eq!((p, out), (vec![0.0; 3], vec![0.25; 12]));
    }
}
