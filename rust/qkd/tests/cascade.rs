//! Cascade between two parties that share nothing but a channel: what it corrects, what it discloses, how often it fails.

mod common;

use ebit_qkd::entropy::binary_entropy;
use ebit_qkd::ledger::Ledger;
use ebit_qkd::reconcile::cascade::{Alice, Bob, Channel, Plan, Range, Reconciled, Variant, cascade};
use ebit_qkd::reconcile::{differences, masked};
use proptest::prelude::*;

use common::keys;

/// A channel that looks at what passes, as an eavesdropper does.
struct Counted<'a> {
    alice: Alice<'a>,
    answers: u64,
    messages: u64,
}

impl Channel for Counted<'_> {
    fn begin(&mut self, pass: usize, answers: &mut Vec<u8>) {
        self.alice.begin(pass, answers);
        self.answers += answers.len() as u64;
        self.messages += 1;
    }

    fn ask(&mut self, pass: usize, ranges: &[Range], answers: &mut Vec<u8>) {
        self.alice.ask(pass, ranges, answers);
        assert_eq!(ranges.len(), answers.len());
        self.answers += answers.len() as u64;
        self.messages += 1;
    }
}

#[test]
fn what_passes_the_channel_is_what_the_ledger_says() {
    for variant in Variant::ALL {
        for (n, q, expected) in [(10_000, 0.03, 0.03), (5_003, 0.09, 0.05), (100, 0.1, 0.1), (1, 0.0, 0.1), (20_000, 0.2, 0.11)] {
            let (alice, bob) = keys(n, q, n as u128);
            let plan = Plan::new(variant, n, expected, 5);
            let mut channel = Counted { alice: Alice::new(&plan, &alice), answers: 0, messages: 0 };
            let mut asking = Bob::new(&plan, &bob);
            asking.reconcile(&mut channel, &mut || true);
            let (key, ledger, _) = asking.into_key();
            assert_eq!((ledger.disclosed_bits(), ledger.rounds()), (channel.answers, channel.messages));
            assert_eq!(
                cascade(&plan, &alice, &bob, &mut || true),
                Reconciled { key, ledger, flips: cascade(&plan, &alice, &bob, &mut || true).flips }
            );
        }
    }
}

/// Disclosed bits over n h(q), over `frames` keys: mean and its standard error; and how many keys stayed wrong.
fn efficiency(variant: Variant, n: usize, q: f64, frames: u128, seed: u128) -> (f64, f64, u64, Ledger) {
    let plan = Plan::new(variant, n, q, seed);
    let (mut sum, mut squares, mut wrong, mut all) = (0.0, 0.0, 0, Ledger::new());
    for k in 0..frames {
        let (alice, bob) = keys(n, q, seed << 32 | k);
        let Reconciled { key, ledger, .. } = cascade(&plan, &alice, &bob, &mut || true);
        let f = ledger.disclosed_bits() as f64 / (n as f64 * binary_entropy(q));
        sum += f;
        squares += f * f;
        wrong += u64::from(key != alice);
        all.beside(&ledger);
    }
    let mean = sum / frames as f64;
    (mean, ((squares / frames as f64 - mean * mean).max(0.0) / frames as f64).sqrt(), wrong, all)
}

/// 1.140, 1.173 and 1.183 at n = 10^5 (2 %), of another implementation. 100 keys: standard errors below 0.003.
#[test]
fn original_discloses_what_others_measured() {
    for (q, reference) in [(0.01, 1.140), (0.03, 1.173), (0.05, 1.183)] {
        let (f, error, _, _) = efficiency(Variant::Original, 100_000, q, 100, 7);
        assert!(error < 0.003, "{error}");
        assert!((f / reference - 1.0).abs() < 0.02, "q = {q}: {f} +- {error}, {reference}");
    }
}

/// Slepian and Wolf: on average never below n h(q). The least that is seen here is option 8; no mean may be 4.9 errors below 1.
#[test]
fn nothing_beats_slepian_and_wolf() {
    for variant in Variant::ALL {
        for q in [0.005, 0.03, 0.1] {
            let (f, error, wrong, _) = efficiency(variant, 20_000, q, 60, 11);
            assert!(f > 1.0 - 4.9 * error, "{variant:?} {q}: {f} +- {error}");
            assert!(wrong < 10, "{variant:?} {q}: {wrong}");
        }
    }
    let (f, error, _, _) = efficiency(Variant::Option8, 100_000, 0.03, 20, 12);
    assert!(f < 1.065, "{f} +- {error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_two_keys_end_equal_or_nearly(n in 1usize..3000, q in 0.0f64..0.25, expected in 0.001f64..0.3, pick in 0usize..4, seed in any::<u64>()) {
        let (alice, bob) = keys(n, q, u128::from(seed));
        let plan = Plan::new(Variant::ALL[pick], n, expected, u128::from(seed));
        let Reconciled { key, ledger, .. } = cascade(&plan, &alice, &bob, &mut || true);
        // Whatever is left has an even number of errors in every block of the first pass.
        let left: Vec<u64> = key.iter().zip(&alice).map(|(a, b)| a ^ b).collect();
        let size = plan.block(0);
        for start in (0..n).step_by(size) {
            let errors = (start..n.min(start + size)).filter(|k| left[k / 64] >> (k % 64) & 1 == 1).count();
            prop_assert!(errors % 2 == 0);
        }
        prop_assert!(differences(&key, &alice) <= differences(&alice, &bob) + n as u64 / 10);
        prop_assert!(ledger.disclosed_bits() > 0);
        prop_assert_eq!(masked(&key, n), key);
    }
}

#[test]
fn equal_keys_cost_the_blocks_only() {
    let (alice, _) = keys(1000, 0.0, 3);
    let plan = Plan::new(Variant::Original, 1000, 0.0073, 1);
    let Reconciled { key, ledger, flips } = cascade(&plan, &alice, &alice, &mut || true);
    assert_eq!((key, flips), (alice, 0));
    let blocks: usize = (0..4).map(|pass| plan.cells(pass).div_ceil(plan.block(pass))).sum();
    assert_eq!((ledger.disclosed_bits(), ledger.rounds()), (blocks as u64, 4));
}

/// Stopped, a key is left as it is then.
#[test]
fn it_stops_when_it_is_told_to() {
    let (alice, bob) = keys(10_000, 0.05, 4);
    let plan = Plan::new(Variant::Original, 10_000, 0.05, 1);
    let whole = cascade(&plan, &alice, &bob, &mut || true);
    let mut asked = 0;
    let stopped = cascade(&plan, &alice, &bob, &mut || {
        asked += 1;
        asked < 4
    });
    assert_eq!(asked, 4);
    assert!(whole.key == alice && stopped.key != alice);
    assert!(stopped.ledger.disclosed_bits() < whole.ledger.disclosed_bits());
}
