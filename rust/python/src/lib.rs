//! The native module `ebit._core`: thin wrappers, one error conversion, one way to run anything long.
//!
//! Refuses to know any physics; every number comes from the crates below. The module holds no unlocked shared
//! state, so it declares `gil_used = false`: ready for free-threaded Python, not tested on it.

#[macro_use]
mod dense_gates;

mod arguments;
mod bench;
mod chain;
mod channel;
mod circuit;
mod code;
mod dense;
mod density;
mod errors;
mod long_call;
mod noise;
mod optics;
mod pairs;
mod pairs_many;
mod pauli_string;
mod protocol;
mod qkd_lengths;
mod qkd_multidimensional;
mod qkd_post;
mod qkd_rates;
mod qkd_relay;
mod qkd_run;
mod qkd_slices;
mod qkd_watch;
mod sample;
mod simulate;
mod spec;
mod stabilizer;
mod state_vector;
mod tableau;

use pyo3::prelude::*;

/// The native module.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::bench::bench_hold;
    #[pymodule_export]
    use super::build_info;
    #[pymodule_export]
    use super::chain::{chain_exact, chain_sample, processor_sample};
    #[pymodule_export]
    use super::channel::{Channel, prepare};
    #[pymodule_export]
    use super::circuit::Circuit;
    #[pymodule_export]
    use super::code::css_code;
    #[pymodule_export]
    use super::density::DensityMatrix;
    #[pymodule_export]
    use super::noise::Noise;
    #[pymodule_export]
    use super::optics::{
        crossing, detector_under_load, detector_with_background, detector_with_jitter, dispersion_visibility,
        double_excitation_probability, fiber_attenuation, photon_click_probability, photon_moments, photon_probabilities,
        raman_per_km_nm, raman_photon_rate_hz, with_converters,
    };
    #[pymodule_export]
    use super::pairs::BellDiagonal;
    #[pymodule_export]
    use super::pauli_string::PauliString;
    #[pymodule_export]
    use super::protocol::{HeldPair, ProtocolNode, Simulation, SwapOutcome, Waiting, all_of, first};
    #[pymodule_export]
    use super::qkd_lengths::{
        qkd_b92_key_length, qkd_decoy_key_length, qkd_device_independent_key_length, qkd_ekert_key_length,
        qkd_pairing_key_length, qkd_relay_key_length, qkd_sarg_key_length, qkd_sending_key_length, qkd_six_state_key_length,
        qkd_twin_field_key_length, qkd_uncertainty_key_length, qkd_weak_key_length,
    };
    #[pymodule_export]
    use super::qkd_multidimensional::qkd_multidimensional;
    #[pymodule_export]
    use super::qkd_post::{QkdAuthenticator, qkd_cascade, qkd_ldpc, qkd_secret_length, qkd_toeplitz, qkd_verify, qkd_winnow};
    #[pymodule_export]
    use super::qkd_rates::{qkd_chsh, qkd_key_rate, qkd_max_distance_km, qkd_optimum, qkd_threshold};
    #[pymodule_export]
    use super::qkd_relay::qkd_key_network;
    #[pymodule_export]
    use super::qkd_run::{PulseFrame, qkd_check_attack, qkd_check_line, qkd_law, qkd_run};
    #[pymodule_export]
    use super::qkd_slices::{qkd_label_entropy, qkd_slices};
    #[pymodule_export]
    use super::sample::sample_circuit;
    #[pymodule_export]
    use super::simulate::{routes, simulate};
    #[pymodule_export]
    use super::spec::{check, link_physics, presets, schema};
    #[pymodule_export]
    use super::stabilizer::StabilizerState;
    #[pymodule_export]
    use super::state_vector::StateVector;
    #[pymodule_export]
    use super::tableau::Tableau;
}

/// Version, profile and CPU features of this build.
#[pyfunction]
fn build_info() -> Vec<(&'static str, String)> {
    let mut features = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        for (name, present) in [
            ("sse2", std::arch::is_x86_feature_detected!("sse2")),
            ("avx2", std::arch::is_x86_feature_detected!("avx2")),
            ("fma", std::arch::is_x86_feature_detected!("fma")),
            ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
            ("pclmulqdq", std::arch::is_x86_feature_detected!("pclmulqdq")),
            ("vpclmulqdq", std::arch::is_x86_feature_detected!("vpclmulqdq")),
            ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ] {
            if present {
                features.push(name);
            }
        }
    }
    vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("profile", if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned()),
        ("target", format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)),
        ("cpu_features", features.join(" ")),
        ("cpu_path", ebit_bits::path().name().to_owned()),
        ("free_threading", "declared ready (gil_used = false), untested".to_owned()),
    ]
}
