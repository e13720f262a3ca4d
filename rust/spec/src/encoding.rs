//! Memories that hold a block code: its checks, and the errors of the circuit that makes an encoded pair.
//!
//! Owns the code as bits ([`BinaryCode`]): independent checks and one pair of logical operators. Refuses to know how
//! outcomes are decoded (crate `chain`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::device::{Memory, Swap};
use crate::error::SpecError;
use crate::real::Real;
use crate::schedule::{Schedule, SlotsUsed, SwapAsap};

/// The most qubits of a block: every pattern of errors is one of 2^n.
pub const MAX_SIZE: i64 = 25;
/// The most independent checks of one type: a decoder's table has 2^r lines.
pub const MAX_CHECKS: usize = 16;

/// A code of one logical qubit whose checks are products of X alone and products of Z alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CSSCode")]
pub struct CssCode {
    pub size: i64,
    /// Qubits of each check, counted from 0.
    #[serde(default)]
    pub x_checks: Vec<Vec<i64>>,
    #[serde(default)]
    pub z_checks: Vec<Vec<i64>>,
}

/// The same as bits: bit k is qubit k.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryCode {
    pub size: u32,
    /// Independent checks.
    pub x_checks: Vec<u32>,
    pub z_checks: Vec<u32>,
    pub logical_x: u32,
    pub logical_z: u32,
}

impl CssCode {
    fn masks(at: &At<'_>, name: &str, checks: &[Vec<i64>], size: i64) -> Result<Vec<u32>, SpecError> {
        let mut out = Vec::with_capacity(checks.len());
        for (k, check) in checks.iter().enumerate() {
            let place = format!("{name}[{k}]");
            let mut mask = 0u32;
            for qubit in check {
                if !(0..size).contains(qubit) {
                    return Err(at.error(&place, format!("qubits in [0, {}]", size - 1), qubit, "the first qubit is 0"));
                }
                if mask >> qubit & 1 == 1 {
                    return Err(at.error(&place, "different qubits", format!("{qubit} twice"), "a Pauli twice is none"));
                }
                mask |= 1 << qubit;
            }
            if mask == 0 {
                return Err(at.error(&place, "at least one qubit", "none", "a check is a list of qubits"));
            }
            out.push(mask);
        }
        Ok(out)
    }

    /// The code as bits.
    ///
    /// # Errors
    /// A size or qubit out of range, checks that do not commute, another number of logical qubits than one, more checks
    /// than a decoder holds.
    pub fn binary(&self, at: &At<'_>) -> Result<BinaryCode, SpecError> {
        if !(1..=MAX_SIZE).contains(&self.size) {
            let hint = "qubits of a block; every pattern of errors is looked at";
            return Err(at.error("size", format!("an integer in [1, {MAX_SIZE}]"), self.size, hint));
        }
        let x = Self::masks(at, "x_checks", &self.x_checks, self.size)?;
        let z = Self::masks(at, "z_checks", &self.z_checks, self.size)?;
        for (j, a) in x.iter().enumerate() {
            if let Some(k) = z.iter().position(|b| (a & b).count_ones() % 2 == 1) {
                let hint = "X and Z checks share an even number of qubits";
                return Err(at.error(&format!("x_checks[{j}]"), format!("commuting with z_checks[{k}]"), "an odd overlap", hint));
            }
        }
        let (x, z) = (independent(&x), independent(&z));
        let size = self.size as u32;
        let logical = i64::from(size) - x.len() as i64 - z.len() as i64;
        if logical != 1 {
            let range = format!("{} independent ones with z_checks, for one logical qubit", self.size - 1);
            let hint = "a code of n qubits with one logical qubit has n - 1 independent checks";
            return Err(at.error("x_checks", range, x.len() + z.len(), hint));
        }
        for (name, checks) in [("x_checks", &x), ("z_checks", &z)] {
            if checks.len() > MAX_CHECKS {
                let hint = "a decoder's table has 2^r lines";
                return Err(at.error(name, format!("at most {MAX_CHECKS} independent ones"), checks.len(), hint));
            }
        }
        let (logical_x, logical_z) = (logical_operator(&z, &x, size), logical_operator(&x, &z, size));
        Ok(BinaryCode { size, x_checks: x, z_checks: z, logical_x, logical_z })
    }
}

impl Check for CssCode {
    const NAME: &'static str = "CSSCode";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        self.binary(at).map(|_| ())
    }
}

/// The vector without the leading bits of reduced rows.
fn reduce(rows: &[u32], mut vector: u32) -> u32 {
    for row in rows {
        // Rows are in echelon form: each has a highest bit that no later one has.
        if vector >> row.ilog2() & 1 == 1 {
            vector ^= row;
        }
    }
    vector
}

/// A basis of what the rows span, in echelon form.
fn independent(rows: &[u32]) -> Vec<u32> {
    let mut out: Vec<u32> = Vec::new();
    for row in rows {
        let rest = reduce(&out, *row);
        if rest != 0 {
            out.push(rest);
            out.sort_unstable_by_key(|r| std::cmp::Reverse(r.ilog2()));
        }
    }
    out
}

/// What commutes with `others` and is no product of `own`: the lightest that a basis of the kernel holds.
fn logical_operator(others: &[u32], own: &[u32], size: u32) -> u32 {
    // Kernel of the parity checks `others`: each free bit, completed by the pivots; back substitution from the lowest row.
    let mut rows = others.to_vec();
    for k in (0..rows.len()).rev() {
        let (pivot, row) = (rows[k].ilog2(), rows[k]);
        rows[..k].iter_mut().filter(|r| **r >> pivot & 1 == 1).for_each(|r| *r ^= row);
    }
    let pivots: u32 = rows.iter().map(|r| 1u32 << r.ilog2()).sum();
    let kernel = (0..size).filter(|bit| pivots >> bit & 1 == 0).map(|bit| {
        let completed: u32 = rows.iter().filter(|r| **r >> bit & 1 == 1).map(|r| 1u32 << r.ilog2()).sum();
        1u32 << bit | completed
    });
    kernel.filter(|v| reduce(own, *v) != 0).min_by_key(|v: &u32| v.count_ones()).unwrap_or(0)
}

/// How the pairs between stations are encoded, and the errors on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    pub code: CssCode,
    #[serde(default)]
    pub gate_error: Real,
    #[serde(default)]
    pub measurement_error: Real,
    #[serde(default)]
    pub preparation_error: Real,
}

impl Encoding {
    /// What results take for granted, in words.
    pub fn assumptions(&self) -> Vec<String> {
        let errors = [
            (self.gate_error, "gates", "gate_error"),
            (self.measurement_error, "measurements", "measurement_error"),
            (self.preparation_error, "fresh blocks", "preparation_error"),
        ];
        let perfect = errors.into_iter().filter(|(error, ..)| error.0 == 0.0);
        let always = [
            "physical pairs are taken by their Bell-diagonal part",
            "gates of the encoding take no time, and fresh blocks are ready",
            "the ends decode their blocks without further errors",
        ];
        let perfect = perfect.map(|(_, what, name)| format!("{what} of the encoding are perfect ({name} 0)"));
        perfect.chain(always.into_iter().map(str::to_owned)).collect()
    }

    /// Whether encoded pairs can be joined in this order.
    ///
    /// # Errors
    /// Another schedule than swap-asap on one slot per qubit, or a cut-off.
    pub fn check_schedule(&self, at: &At<'_>, schedule: &Schedule) -> Result<(), SpecError> {
        let Schedule::SwapAsap(SwapAsap { cutoff_s, slots_used, .. }) = schedule else {
            let hint = "encoded pairs are joined as soon as they are there";
            return Err(at.error("schedule", "SwapAsap with an encoding", "another schedule", hint));
        };
        if let Some(cutoff) = cutoff_s {
            return Err(at.error("schedule.cutoff_s", "None with an encoding", cutoff, "errors of waiting are corrected"));
        }
        if *slots_used == SlotsUsed::All {
            let hint = "each qubit of a block has one slot; modes= of a link makes more attempts at once";
            return Err(at.error("schedule.slots_used", "'one' with an encoding", "'all'", hint));
        }
        Ok(())
    }

    /// Whether this memory holds what blocks are made of.
    ///
    /// # Errors
    /// Too few slots, or relaxation.
    pub fn check_memory(&self, at: &At<'_>, memory: &Memory) -> Result<(), SpecError> {
        let size = self.code.size;
        if memory.slots < size {
            let range = format!(">= {size} for blocks of {size} qubits");
            return Err(at.error("memory.slots", range, memory.slots, "one physical pair per qubit of the block"));
        }
        if memory.t1_s.is_some_and(|t| t.0.is_finite()) {
            let hint = "frames follow Pauli noise: give t2_s or depolarizing_time_s";
            return Err(at.error("memory.t1_s", "infinite with an encoding", Real(memory.t1()), hint));
        }
        Ok(())
    }

    /// Whether this swap measures a whole block.
    ///
    /// # Errors
    /// A swap that may fail.
    pub fn check_swap(&self, at: &At<'_>, swap: &Swap) -> Result<(), SpecError> {
        if swap.success_probability.0 != 1.0 {
            let hint = "an encoded Bell measurement needs all its outcomes";
            return Err(at.error("swap.success_probability", "1 with an encoding", swap.success_probability, hint));
        }
        Ok(())
    }
}

impl Check for Encoding {
    const NAME: &'static str = "Encoding";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("code", |at| self.code.check(at))?;
        at.real("gate_error", self.gate_error, Range::Probability, "depolarizing of the two qubits of each gate")?;
        let hint = "0.5 is an outcome that says nothing";
        at.real("measurement_error", self.measurement_error, Range::Between(0.0, 0.5), hint)?;
        at.real("preparation_error", self.preparation_error, Range::Probability, "depolarizing of each qubit of a fresh block")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(size: i64, x: &[&[i64]], z: &[&[i64]]) -> CssCode {
        let rows = |r: &[&[i64]]| r.iter().map(|c| c.to_vec()).collect();
        CssCode { size, x_checks: rows(x), z_checks: rows(z) }
    }

    fn binary(code: &CssCode) -> Result<BinaryCode, SpecError> {
        code.binary(&At(&|| CssCode::NAME.to_owned()))
    }

    #[test]
    fn logical_operators_commute_with_checks_and_not_with_each_other() {
        let hamming: [&[i64]; 3] = [&[0, 2, 4, 6], &[1, 2, 5, 6], &[3, 4, 5, 6]];
        let pairs: [&[i64]; 6] = [&[0, 1], &[1, 2], &[3, 4], &[4, 5], &[6, 7], &[7, 8]];
        let rows: [&[i64]; 2] = [&[0, 1, 2, 3, 4, 5], &[3, 4, 5, 6, 7, 8]];
        for code in [
            code(1, &[], &[]),
            code(3, &[], &[&[0, 1], &[1, 2]]),
            code(3, &[&[0, 1], &[1, 2], &[0, 2]], &[]),
            code(4, &[&[0, 1, 2, 3]], &[&[0, 1], &[2, 3]]),
            code(7, &hamming, &hamming),
            code(9, &rows, &pairs),
        ] {
            let b = binary(&code).unwrap();
            assert_eq!((b.logical_x & b.logical_z).count_ones() % 2, 1, "{b:?}");
            assert!(b.x_checks.iter().all(|c| (c & b.logical_z).count_ones().is_multiple_of(2)), "{b:?}");
            assert!(b.z_checks.iter().all(|c| (c & b.logical_x).count_ones().is_multiple_of(2)), "{b:?}");
            assert_eq!(b.x_checks.len() + b.z_checks.len() + 1, b.size as usize);
        }
    }

    #[test]
    fn a_code_that_is_none_is_refused() {
        for (bad, says) in [
            (code(0, &[], &[]), "size must be an integer in [1, 25], got 0"),
            (code(2, &[], &[]), "x_checks must be 1 independent ones"),
            (code(3, &[&[0, 1]], &[&[1, 2]]), "commuting with z_checks[0]"),
            (code(3, &[], &[&[0, 3]]), "qubits in [0, 2], got 3"),
            (code(3, &[], &[&[0, 0]]), "0 twice"),
            (code(3, &[], &[&[], &[0, 1]]), "at least one qubit"),
            (code(3, &[], &[&[0, 1], &[0, 1]]), "2 independent ones with z_checks"),
        ] {
            let said = binary(&bad).unwrap_err().to_string();
            assert!(said.contains(says), "{said}");
        }
        let rows: Vec<Vec<i64>> = (0..17).map(|k| vec![k, k + 1]).collect();
        let said = binary(&CssCode { size: 18, x_checks: vec![], z_checks: rows }).unwrap_err().to_string();
        assert!(said.contains("at most 16 independent ones, got 17"), "{said}");
    }
}
