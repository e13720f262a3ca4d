//! Winnow between two parties that share nothing but a channel.

mod common;

use ebit_qkd::entropy::binary_entropy;
use ebit_qkd::reconcile::winnow::{Alice, Channel, Plan, correct, winnow};

use common::keys;

struct Counted<'a> {
    alice: Alice<'a>,
    bits: u64,
    messages: u64,
}

impl Channel for Counted<'_> {
    fn parities(&mut self, pass: usize, m: u32) -> Vec<u8> {
        let out = self.alice.parities(pass, m);
        self.bits += out.len() as u64;
        self.messages += 1;
        out
    }

    fn syndromes(&mut self, m: u32, blocks: &[u32]) -> Vec<u32> {
        let out = self.alice.syndromes(m, blocks);
        assert!(out.iter().all(|s| s >> m == 0));
        self.bits += u64::from(m) * out.len() as u64;
        self.messages += 1;
        out
    }
}

#[test]
fn what_passes_the_channel_is_what_the_ledger_says() {
    for (n, q) in [(10_000, 0.03), (5_003, 0.09), (64, 0.1), (1, 0.0), (20_000, 0.001)] {
        let (alice, bob) = keys(n, q, n as u128);
        let plan = Plan::new(n, q, 5);
        let mut channel = Counted { alice: Alice::new(&plan, &alice), bits: 0, messages: 0 };
        let done = correct(&plan, &bob, &mut channel, &mut || true);
        assert_eq!((done.ledger.disclosed_bits(), done.ledger.rounds()), (channel.bits, channel.messages));
        assert_eq!(done, winnow(&plan, &alice, &bob, &mut || true));
    }
}

/// It corrects nearly always, and discloses more than n h(q): 20 keys of 20,000 bits.
#[test]
fn it_corrects_and_pays_for_it() {
    for q in [0.01, 0.03, 0.06] {
        let n = 20_000;
        let plan = Plan::new(n, q, 9);
        let (mut f, mut wrong) = (0.0, 0);
        for k in 0..20 {
            let (alice, bob) = keys(n, q, 700 + k);
            let done = winnow(&plan, &alice, &bob, &mut || true);
            wrong += u32::from(done.key != alice);
            f += done.ledger.disclosed_bits() as f64 / (n as f64 * binary_entropy(q)) / 20.0;
        }
        assert!(f > 1.1 && f < 2.0, "{q}: {f}");
        assert!(wrong <= 3, "{q}: {wrong}");
    }
}

/// Unrelated keys: forty passes come to nothing, and it says so.
#[test]
fn it_says_when_it_gave_up() {
    let (n, q) = (2_000, 0.03);
    let plan = Plan::new(n, q, 1);
    let (alice, bob) = keys(n, 0.5, 3);
    let mut passes = 0;
    let done = winnow(&plan, &alice, &bob, &mut || {
        passes += 1;
        true
    });
    assert!(!done.found && done.key != alice);
    assert_eq!(passes, 40);
    let (alice, bob) = keys(n, q, 3);
    let done = winnow(&plan, &alice, &bob, &mut || true);
    assert!(done.found && done.key == alice);
}
