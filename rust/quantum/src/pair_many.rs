//! Many Bell-diagonal pairs at once: rows of four weights, read once, judged and transformed in the same pass.
//!
//! Rows are (Phi+, Phi-, Psi+, Psi-), one after another in a slice. Owns the loops and the judgement of rows; refuses to
//! know where the memory came from. After an error the output holds nothing of use.

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

/// Four independent pairs: one lane each.
#[inline(always)]
fn lanes(f: impl Fn(usize) -> f64) -> [f64; 4] {
    [f(0), f(1), f(2), f(3)]
}

#[inline(always)]
fn transposed(rows: &Block) -> Block {
    [0, 1, 2, 3].map(|k| lanes(|lane| rows[lane][k]))
}

/// Whether every lane is a distribution; false for what is not a number.
#[inline(always)]
fn judge(w: &Block) -> bool {
    let fine = lanes(|l| {
        let [a, b, c, d] = [w[0][l], w[1][l], w[2][l], w[3][l]];
        let distance = ((a + b) + (c + d)) - 1.0;
        let inside = (a >= 0.0) & (b >= 0.0) & (c >= 0.0) & (d >= 0.0) & (distance.abs() <= WEIGHT_TOLERANCE);
        f64::from(inside)
    });
    fine == [1.0; 4]
}

#[inline(always)]
fn swap(a: &Block, b: &Block) -> Block {
    [0, 1, 2, 3].map(|k| lanes(|l| (a[0][l] * b[k][l] + a[1][l] * b[k ^ 1][l]) + (a[2][l] * b[k ^ 2][l] + a[3][l] * b[k ^ 3][l])))
}

#[inline(always)]
fn depolarize(w: &Block, p: &[f64; 4]) -> Block {
    w.map(|column| lanes(|l| (1.0 - p[l]) * column[l] + 0.25 * p[l]))
}

#[inline(always)]
fn dephase(w: &Block, p: &[f64; 4]) -> Block {
    [0, 1, 2, 3].map(|k| lanes(|l| (1.0 - p[l]) * w[k][l] + p[l] * w[k ^ 1][l]))
}

/// Blocks of four rows; the last is filled up with `filler`.
#[inline(always)]
fn block(rows: &[Row], start: usize, filler: Row) -> Block {
    match rows.get(start..start + 4) {
        Some(&[a, b, c, d]) => [a, b, c, d],
        _ => std::array::from_fn(|k| rows.get(start + k).copied().unwrap_or(filler)),
    }
}

#[inline(always)]
fn store(out: &mut [Row], start: usize, columns: &Block) {
    let rows = transposed(columns);
    match out.get_mut(start..start + 4) {
        Some(four) => four.copy_from_slice(&rows),
        None => out[start..].iter_mut().zip(rows).for_each(|(to, row)| *to = row),
    }
}

#[inline(always)]
fn shares(p: PerRow<'_>, start: usize) -> [f64; 4] {
    match p {
        PerRow::Same(p) => [p; 4],
        PerRow::Each(each) => std::array::from_fn(|k| each.get(start + k).copied().unwrap_or(0.0)),
    }
}

const PERFECT: Row = [1.0, 0.0, 0.0, 0.0];

fn rows_of(slice: &[f64]) -> &[Row] {
    slice.as_chunks().0
}

/// The first row that is no distribution.
#[cold]
fn complaint(names: &[(&str, &[Row])]) -> QuantumError {
    for (name, rows) in names {
        for (k, row) in rows.iter().enumerate() {
            if let Err(mut error) = BellDiagonal::new(*row) {
                error.parameter = error.parameter.replacen("weights", &format!("{name}[{k}]"), 1);
                return error;
            }
        }
    }
    // The sums of the two judges differ by rounding.
    QuantumError::new(OBJECT, "weights", "rows of four weights that sum to 1", "another sum", "divide them by their sum")
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
    let noiseless = matches!(p, PerRow::Same(0.0));
    let fine = vectorize(
        #[inline(always)]
        || {
            let mut fine = true;
            for start in (0..a.len()).step_by(4) {
                let (a, b) = (transposed(&block(a, start, PERFECT)), transposed(&block(b, start, PERFECT)));
                fine &= judge(&a) & judge(&b);
                let swapped = swap(&a, &b);
                store(out, start, &if noiseless { swapped } else { depolarize(&swapped, &shares(p, start)) });
            }
            fine
        },
    );
    if fine { Ok(()) } else { Err(complaint(&[("a", a), ("b", b)])) }
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
    let fine = vectorize(
        #[inline(always)]
        || {
            let mut fine = true;
            for start in (0..a.len()).step_by(4) {
                let columns = transposed(&block(a, start, PERFECT));
                fine &= judge(&columns);
                store(out, start, &change(&columns, &shares(p, start)));
            }
            fine
        },
    );
    if fine { Ok(()) } else { Err(complaint(&[("a", a)])) }
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
            let mut fine = true;
            for start in (0..a.len()).step_by(4) {
                let (a, b) = (transposed(&block(a, start, PERFECT)), transposed(&block(b, start, PERFECT)));
                fine &= judge(&a) & judge(&b);
                let (pass, kept) = distill(&prepared(&a, protocol), &prepared(&b, protocol));
                store(out, start, &kept);
                probabilities[start..].iter_mut().zip(pass).for_each(|(to, p)| *to = p);
            }
            fine
        },
    );
    if fine { Ok(()) } else { Err(complaint(&[("a", a), ("b", b)])) }
}

#[inline(always)]
fn prepared(w: &Block, protocol: Distillation) -> Block {
    match protocol {
        Distillation::Dejmps => [w[0], w[3], w[2], w[1]],
        Distillation::Bbpssw => {
            let rest = lanes(|l| (1.0 - w[0][l]) / 3.0);
            [w[0], rest, rest, rest]
        }
    }
}

#[inline(always)]
fn agreeing([a, b, c, d]: [&[f64; 4]; 4]) -> [f64; 4] {
    lanes(|l| a[l] * b[l] + c[l] * d[l])
}

#[inline(always)]
fn distill(a: &Block, b: &Block) -> ([f64; 4], Block) {
    let term = |i, j, k, m| agreeing([&a[i], &b[j], &a[k], &b[m]]);
    let kept = [term(0, 0, 1, 1), term(0, 1, 1, 0), term(2, 2, 3, 3), term(2, 3, 3, 2)];
    let pass = lanes(|l| ((kept[0][l] + kept[1][l]) + kept[2][l]) + kept[3][l]);
    // A pair that never passes has nothing to give: white noise.
    (pass, kept.map(|column| lanes(|l| if pass[l] > 0.0 { column[l] / pass[l] } else { 0.25 })))
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
        fn a_bad_row_is_named(n in 1usize..12, bad in 0usize..12, place in 0usize..4, second in any::<bool>()) {
            prop_assume!(bad < n);
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
