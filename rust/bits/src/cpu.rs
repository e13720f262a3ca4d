//! Which instruction set this process uses, decided once.
//!
//! `EBIT_CPU=portable|avx2|avx512` forces a path, so that tests can run each; one that the machine lacks falls back to the
//! best one below it. Without it the best measured choice is taken: AVX2 where there is one. AVX-512 is used only where a
//! caller asks for it and has measured that it pays: wider is not faster on every machine.

use std::sync::OnceLock;

/// An instruction set; later ones include earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    Portable,
    Avx2,
    Avx512,
}

impl Path {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// The best path of this machine.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq");
            if avx2 && avx512 {
                return Self::Avx512;
            }
            if avx2 {
                return Self::Avx2;
            }
        }
        Self::Portable
    }
}

/// The path of this process: what `EBIT_CPU` asks for, or the best one, as far as the machine has it.
#[inline]
pub fn path() -> Path {
    static PATH: OnceLock<Path> = OnceLock::new();
    *PATH.get_or_init(|| {
        let wanted = match std::env::var("EBIT_CPU").as_deref() {
            Ok("portable") => Path::Portable,
            Ok("avx2") => Path::Avx2,
            _ => Path::Avx512,
        };
        wanted.min(Path::best())
    })
}

/// Runs a closure compiled for this process's instruction set.
///
/// The closure must be inlined for that: mark it, and what it calls, `#[inline(always)]`. One call costs a load and a
/// predicted branch. AVX-512 machines run the AVX2 code here.
#[inline]
pub fn vectorize<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if path() >= Path::Avx2 {
        // SAFETY: `path` is Avx2 or above only if `Path::best` found every feature named on `avx2`.
        return unsafe { avx2(work) };
    }
    work()
}

/// As [`vectorize`], with 512-bit vectors where the path has them: for loops measured to gain from it.
#[inline]
pub fn vectorize_wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if path() >= Path::Avx512 {
        // SAFETY: `path` is Avx512 only if `Path::best` found every feature named on `avx512`.
        return unsafe { avx512(work) };
    }
    vectorize(work)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_gives_the_same_sum() {
        let data: Vec<u64> = (0..1000).collect();
        let sum = || data.iter().sum::<u64>();
        assert_eq!(vectorize(sum), 499_500);
        assert_eq!(vectorize_wide(sum), 499_500);
        assert!(path() <= Path::best());
    }
}
