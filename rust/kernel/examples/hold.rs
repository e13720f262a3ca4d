//! Nanoseconds per event of the hold model, by pending events and structure.
//!
//! Run: `cargo run --release -p ebit-kernel --example hold [pending ...]`. Goals on one core: at most 50 ns up to 1e4 pending, at most
//! 100 ns at 1e6, random delay included. Each figure is the best of three runs, less the time to fill the queue.

use std::time::Instant;

use ebit_kernel::bench::hold;
use ebit_kernel::{KernelError, Structure};

fn main() -> Result<(), KernelError> {
    println!("{:>10} {:>8} {:>8} {:>8}   ns/event", "pending", "auto", "heap", "radix");
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let usual = vec![1, 10, 100, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000];
    for pending in if asked.is_empty() { usual } else { asked } {
        let mut row = format!("{pending:>10}");
        for structure in [Structure::Auto, Structure::Heap, Structure::Radix] {
            row += &format!(" {:>8.1}", best_ns(pending, structure)?);
        }
        println!("{row}");
    }
    Ok(())
}

fn best_ns(pending: usize, structure: Structure) -> Result<f64, KernelError> {
    const EVENTS: u64 = 4_000_000;
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        hold(pending, 0, 1, structure)?;
        let filling = start.elapsed();
        let start = Instant::now();
        hold(pending, EVENTS, 1, structure)?;
        best = best.min(start.elapsed().saturating_sub(filling).as_nanos() as f64 / EVENTS as f64);
    }
    Ok(best)
}
