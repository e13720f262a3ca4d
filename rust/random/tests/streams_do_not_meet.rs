//! A stream's draws depend on its name and its count, and agree with NumPy's Philox.

use std::collections::HashSet;

use ebit_random::{Purpose, Stream};
use proptest::prelude::*;
use rand_core::Rng;

/// NumPy 2.4: `np.random.Philox(key=[7, 0], counter=[0, 42, 3, 1]).random_raw(8)`. NumPy counts before the first
/// block, so its first word is our fifth; 1 is the word of `SwapOutcome`.
#[test]
fn numpy_draws_the_same_words() {
    let expected = [
        0x4ab9ccab2c3e17d3u64,
        0xd684e3985817e23e,
        0x822085de83a5853f,
        0x7fbcd5971f7433ad,
        0x9cb0333995aa60d7,
        0xe35002da3aa97fe4,
        0x8f6c57b3243b64e4,
        0x871c7ae73d539964,
    ];
    let mut stream = Stream::from_position(7, 3, 42, Purpose::SwapOutcome, 4);
    assert_eq!(expected.map(|_| stream.next_u64()), expected);
}

/// Changing any part of the name changes every word: 4 words of 600 streams are all different (chance 1e-13).
#[test]
fn every_part_of_the_name_counts() {
    let purposes = [
        Purpose::LinkAttempt,
        Purpose::SwapOutcome,
        Purpose::BellOutcome,
        Purpose::MessageLoss,
        Purpose::Measurement,
        Purpose::Benchmark,
        Purpose::User(0),
        Purpose::User(1),
        Purpose::User(u32::MAX),
    ];
    let mut seen = HashSet::new();
    let mut streams = 0;
    for root in [0, 1, 1 << 64, u128::MAX] {
        for replica in [0, 1, u64::MAX] {
            for entity in [0, 1, 2, 1 << 32, u64::MAX] {
                for purpose in purposes {
                    let mut stream = Stream::new(root, replica, entity, purpose);
                    seen.extend((0..4).map(|_| stream.next_u64()));
                    streams += 1;
                }
            }
        }
    }
    assert_eq!(seen.len(), 4 * streams);
}

proptest! {
    #[test]
    fn a_stream_resumes_where_it_stopped(root: u128, replica: u64, entity: u64, number: u32, skip in 0usize..40) {
        let purpose = Purpose::User(number);
        let mut stream = Stream::new(root, replica, entity, purpose);
        for _ in 0..skip {
            stream.next_u64();
        }
        prop_assert_eq!(stream.position(), skip as u64);
        let mut resumed = Stream::from_position(root, replica, entity, purpose, stream.position());
        for _ in 0..9 {
            prop_assert_eq!(stream.next_u64(), resumed.next_u64());
        }
    }

    #[test]
    fn uniforms_keep_their_interval(root: u128, bound in 1u64..) {
        let mut stream = Stream::new(root, 0, 0, Purpose::Benchmark);
        for _ in 0..20 {
            prop_assert!((0.0..1.0).contains(&stream.next_f64()));
            let open = stream.next_open_f64();
            prop_assert!(open > 0.0 && open <= 1.0);
            prop_assert!(stream.below(bound) < bound);
        }
    }
}

#[test]
fn certain_outcomes_are_certain_and_cost_one_word() {
    let mut stream = Stream::new(1, 0, 0, Purpose::SwapOutcome);
    for _ in 0..1_000 {
        assert!(stream.bernoulli(1.0) && !stream.bernoulli(0.0) && !stream.bernoulli(-1.0) && stream.bernoulli(2.0));
    }
    assert_eq!(stream.position(), 4_000);
    assert_eq!(stream.below(0), 0);
}

#[test]
fn generic_code_draws_the_same_words() {
    let stream = || Stream::new(1, 2, 3, Purpose::Measurement);
    let words: Vec<u64> = {
        let mut s = stream();
        (0..3).map(|_| s.next_u64()).collect()
    };
    let mut generic = stream();
    assert_eq!(Rng::next_u64(&mut generic), words[0]);
    assert_eq!(generic.next_u32(), (words[1] >> 32) as u32);
    let mut bytes = [0; 5];
    generic.fill_bytes(&mut bytes);
    assert_eq!(bytes, words[2].to_le_bytes()[..5]);
}
