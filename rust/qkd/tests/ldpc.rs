//! Codes between two parties that share nothing but a channel: what they correct and disclose, and how often they fail.

mod common;

use ebit_qkd::entropy::binary_entropy;
use ebit_qkd::reconcile::ldpc::{Alice, Channel, Decoder, Plan, decode, ldpc, usual_efficiency};

use common::keys;

struct Counted<'a> {
    alice: Alice<'a>,
    parities: u64,
    shown: u64,
    messages: u64,
}

impl Channel for Counted<'_> {
    fn syndrome(&mut self) -> Vec<u8> {
        let out = self.alice.syndrome();
        self.parities += out.len() as u64;
        self.messages += 1;
        out
    }

    fn reveal(&mut self, places: &[usize]) -> Vec<u8> {
        let out = self.alice.reveal(places);
        self.shown += out.len() as u64;
        self.messages += 1;
        out
    }
}

#[test]
fn what_passes_the_channel_is_what_the_ledger_says() {
    let mut revealed = 0;
    for (n, q, f) in
        [(20_000, 0.03, 1.3), (20_000, 0.03, 1.0), (5_001, 0.08, 1.1), (1_000, 0.02, 1.3), (40, 0.1, 1.5), (1, 0.1, 1.5)]
    {
        let (alice, bob) = keys(n, q, n as u128);
        let plan = Plan::new(n, q, f);
        let mut channel = Counted { alice: Alice::new(&plan, &alice, 3, 0), parities: 0, shown: 0, messages: 0 };
        let decoded = decode(&plan, &bob, &mut Decoder::default(), &mut channel, &mut || true);
        // Hidden bits are one column at most, and make as many parities random.
        let hidden = channel.parities + channel.shown - decoded.ledger.disclosed_bits();
        assert!(hidden <= plan.code().lift as u64);
        assert_eq!(decoded.ledger.rounds(), channel.messages);
        assert_eq!(decoded, ldpc(&plan, &alice, &bob, &mut Decoder::default(), 3, 0, &mut || true));
        assert_eq!(decoded.found, decoded.key == alice, "{n} {q} {f}");
        revealed += channel.shown;
    }
    assert!(revealed > 0, "one of them must have needed more than its syndrome");
}

/// At the usual efficiency nearly all keys of 10^5 bits decode at once, and disclose what was asked for.
#[test]
fn the_usual_efficiency_suffices() {
    for q in [0.01, 0.02, 0.03, 0.06, 0.09] {
        let n = 100_000;
        let f = usual_efficiency(q);
        let plan = Plan::new(n, q, f);
        let mut decoder = Decoder::default();
        let (mut once, mut sum) = (0, 0.0);
        for k in 0..20 {
            let (alice, bob) = keys(n, q, 100 + k);
            let decoded = ldpc(&plan, &alice, &bob, &mut decoder, 1, k as u64, &mut || true);
            assert!(decoded.found && decoded.key == alice, "{q} {k}");
            once += u32::from(decoded.ledger.rounds() == 1);
            sum += decoded.ledger.disclosed_bits() as f64 / (n as f64 * binary_entropy(q)) / 20.0;
        }
        assert!(once >= 15, "{q}: {once} of 20");
        assert!(sum > f - 1e-3 && sum < f + 0.03, "{q}: {sum}, {f}");
    }
}

/// Slepian and Wolf: below n h(q) the syndrome alone does not do, and what is shown then brings the mean above it.
#[test]
fn too_little_is_made_up_for() {
    let (n, q) = (10_000, 0.04);
    let plan = Plan::new(n, q, 0.95);
    let mut mean = 0.0;
    for k in 0..10 {
        let (alice, bob) = keys(n, q, 500 + k);
        let decoded = ldpc(&plan, &alice, &bob, &mut Decoder::default(), 1, k as u64, &mut || true);
        assert!(decoded.ledger.rounds() > 1);
        assert!(!decoded.found || decoded.key == alice);
        mean += decoded.ledger.disclosed_bits() as f64 / (n as f64 * binary_entropy(q)) / 10.0;
    }
    assert!(mean > 1.0, "{mean}");
}

/// Errors beyond what is disclosed: asked once an iteration, and between attempts, it ends where it is told to.
#[test]
fn it_stops_when_it_is_told_to() {
    let (n, q) = (10_000, 0.03);
    let plan = Plan::new(n, q, 1.0);
    let (alice, bob) = keys(n, 0.06, 9);
    for most in [1, 7, 100, 200] {
        let mut asked = 0;
        let mut go_on = || {
            asked += 1;
            asked < most
        };
        let decoded = ldpc(&plan, &alice, &bob, &mut Decoder::default(), 1, 0, &mut go_on);
        assert!(!decoded.found);
        // The iteration in which it is stopped, and the attempt.
        assert!(asked <= most + 1, "{asked} {most}");
    }
}
