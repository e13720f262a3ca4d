//! How many cases a heavy property test gets.

use proptest::test_runner::{Config, TestRunner};

/// Runs a property whose case is `weight` times the work of a small one on so many times fewer cases than usual.
///
/// `PROPTEST_CASES` asks for more in long runs; `proptest!` would give each test as many, whatever its own number, and a
/// test with a heavy oracle would never end.
///
/// # Panics
/// When a case fails, with the smallest one found.
pub fn weighted<S: proptest::strategy::Strategy>(weight: u32, strategy: &S, test: impl Fn(S::Value)) {
    let usual = Config::default();
    let config = Config { cases: usual.cases.div_ceil(weight), failure_persistence: None, ..usual };
    let outcome = TestRunner::new(config).run(strategy, |value| {
        test(value);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
