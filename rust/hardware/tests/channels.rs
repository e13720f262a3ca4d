//! Channels against integrals that share no formula with them, and links over them against links over fibre.
#![allow(clippy::unwrap_used)]

use ebit_hardware::channel::{Crossing, slant_km};
use ebit_hardware::{LinkPhysics, converter};
use ebit_random::math;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, FrequencyConverter, LinkModel, Real};

fn channel(json: &str) -> Channel {
    serde_json::from_str(json).unwrap()
}

fn link(json: &str) -> LinkModel {
    serde_json::from_str(json).unwrap()
}

fn physics(json: &str) -> LinkPhysics {
    LinkPhysics::of(&link(json)).unwrap()
}

fn close(value: f64, expected: f64, relative: f64) {
    assert!((value - expected).abs() <= relative * expected.abs(), "{value} against {expected}");
}

const DOWN: &str = r#"{"SatelliteDownlink": {"height_km": 500, "divergence_rad": 4e-6, "receiver_radius_m": 0.6,
    "pointing_jitter_rad": 1.5e-6, "zenith_transmittance": 0.7, "elevation_deg": 40, "wavelength_nm": 850}}"#;

/// Power of a Gaussian beam of radius `w`, off centre by `offset`, through a disc of radius `r`: a sum over rings and angles.
fn through_aperture(w: f64, r: f64, offset: f64) -> f64 {
    let (rings, angles) = (120, 96);
    let mut power = 0.0;
    for i in 0..rings {
        let rho = r * (f64::from(i) + 0.5) / f64::from(rings);
        for k in 0..angles {
            let phi = std::f64::consts::TAU * f64::from(k) / f64::from(angles);
            let (x, y) = (rho * math::cos(phi) - offset, rho * math::sin(phi));
            power += math::exp(-2.0 * (x * x + y * y) / (w * w)) * rho;
        }
    }
    let area = (r / f64::from(rings)) * (std::f64::consts::TAU / f64::from(angles));
    power * area * 2.0 / (std::f64::consts::PI * w * w)
}

#[test]
fn a_downlink_is_the_beam_through_the_aperture_averaged_over_the_pointing_error() {
    let d = 1e3 * slant_km(500.0, 40.0);
    let (theta, r, sigma, lambda) = (4e-6, 0.6, 1.5e-6 * d, 850e-9);
    let waist = lambda / (std::f64::consts::PI * theta);
    let range = std::f64::consts::PI * waist * waist / lambda;
    let w = waist * math::sqrt(1.0 + d * d / (range * range));
    // The offset's distance is Rayleigh distributed: midpoints of equal steps in it, out to eight deviations.
    let steps = 400;
    let mean: f64 = (0..steps)
        .map(|k| {
            let h = 8.0 * sigma / f64::from(steps);
            let offset = (f64::from(k) + 0.5) * h;
            let x = offset / sigma;
            through_aperture(w, r, offset) * x / sigma * math::exp(-0.5 * x * x) * h
        })
        .sum();
    let air = math::pow(0.7, 1.0 / math::sin(40f64.to_radians()));
    close(Crossing::of(&channel(DOWN)).transmittance(), mean * air, 2e-4);
}

#[test]
fn free_space_is_a_downlink_without_height() {
    let zenith = Crossing::of(&channel(&DOWN.replace("\"elevation_deg\": 40, ", "")));
    let beam = channel(
        r#"{"FreeSpace": {"length_km": 500, "divergence_rad": 4e-6, "receiver_radius_m": 0.6, "pointing_jitter_rad": 1.5e-6,
            "wavelength_nm": 850, "loss_db_per_km": 0}}"#,
    );
    close(Crossing::of(&beam).loss_db - 10.0 * math::log10(0.7), zenith.loss_db, 1e-12);
    let foggy = channel(
        r#"{"FreeSpace": {"length_km": 2, "divergence_rad": 4e-6, "receiver_radius_m": 9, "pointing_jitter_rad": 0,
            "loss_db_per_km": 3, "insertion_loss_db": 1}}"#,
    );
    close(Crossing::of(&foggy).loss_db, 7.0, 1e-9);
}

#[test]
fn connectors_are_insertion_loss() {
    let plain = Crossing::of(&channel(r#"{"length_km": 20, "insertion_loss_db": 1.5}"#));
    assert_eq!(Crossing::of(&channel(r#"{"length_km": 20, "connectors": 6, "connector_loss_db": 0.25}"#)), plain);
    assert_eq!(Crossing::of(&channel(r#"{"Fiber": {"length_km": 20, "insertion_loss_db": 1.5}}"#)), plain);
}

#[test]
fn equal_arms_are_a_fibre_with_the_station_in_the_middle() {
    let rest = r#""detector": {"efficiency": 0.8, "dark_count_rate_hz": 1e4}, "visibility": 0.9"#;
    let whole = physics(&format!(r#"{{"DoubleClick": {{"fiber": {{"length_km": 30}}, {rest}}}}}"#));
    let half = r#"{"length_km": 15}"#;
    let arms = physics(&format!(r#"{{"DoubleClick": {{"fiber": {{"Arms": {{"a": {half}, "b": {half}}}}}, {rest}}}}}"#));
    assert_eq!(whole, arms);
    let uneven = r#"{"Arms": {"a": {"length_km": 6}, "b": {"length_km": 24}}}"#;
    let arms = physics(&format!(r#"{{"DoubleClick": {{"fiber": {uneven}, {rest}}}}}"#));
    let share = physics(&format!(r#"{{"DoubleClick": {{"fiber": {{"length_km": 30}}, "station": 0.2, {rest}}}}}"#));
    close(arms.success_probability, share.success_probability, 1e-13);
    close(arms.attempt_time_s(), share.attempt_time_s(), 1e-13);
}

/// A satellite that holds one node, the station on the ground at the other.
#[test]
fn a_downlink_carries_a_link_to_a_station_on_the_ground() {
    let rest = r#""detector": {"efficiency": 0.8}, "station": 1"#;
    let space = physics(&format!(r#"{{"DoubleClick": {{"fiber": {DOWN}, {rest}}}}}"#));
    let crossing = Crossing::of(&channel(DOWN));
    close(space.success_probability, 0.5 * crossing.transmittance() * 0.64, 1e-13);
    close(space.attempt_time_s(), 2.0 * crossing.length_km * 1e3 / 299_792_458.0, 1e-13);
    close(space.light_time_s.unwrap(), crossing.light_time_s, 1e-15);
}

#[test]
fn two_satellites_over_one_station() {
    let other = DOWN.replace("\"elevation_deg\": 40", "\"elevation_deg\": 70");
    let fields = format!(r#""fiber": {{"Arms": {{"a": {DOWN}, "b": {other}}}}}, "detector": {{"efficiency": 1}}"#);
    let [a, b] = [DOWN, &other].map(|json| Crossing::of(&channel(json)));
    let both = physics(&format!(r#"{{"DoubleClick": {{{fields}}}}}"#));
    close(both.success_probability, 0.5 * a.transmittance() * b.transmittance(), 1e-13);
    both.herald_age_s.iter().for_each(|age| close(*age, 2.0 * a.light_time_s, 1e-15));
}

#[test]
fn nobody_stands_within_a_beam() {
    let complaint = |json: &str| link(json).check(&At(&|| "DoubleClick".to_owned())).unwrap_err().to_string();
    let text = complaint(&format!(r#"{{"DoubleClick": {{"fiber": {DOWN}, "detector": {{"efficiency": 1}}}}}}"#));
    assert!(text.contains("station must be 0 or 1 at the end of a beam, got 0.5"), "{text}");
    let arms = r#"{"Arms": {"a": {"length_km": 6}, "b": {"length_km": 24}}}"#;
    let text = complaint(&format!(r#"{{"DoubleClick": {{"fiber": {arms}, "detector": {{"efficiency": 1}}, "station": 0.2}}}}"#));
    assert!(text.contains("station must be 0.5"), "{text}");
    let nested = format!(r#"{{"Arms": {{"a": {arms}, "b": {arms}}}}}"#);
    let text = complaint(&format!(r#"{{"DoubleClick": {{"fiber": {nested}, "detector": {{"efficiency": 1}}}}}}"#));
    assert!(text.starts_with("DoubleClick.fiber: a must be one channel"), "{text}");
}

#[test]
fn channels_survive_the_document() {
    for json in [DOWN, r#"{"length_km": 3.5}"#, r#"{"Arms": {"a": {"length_km": 1}, "b": {"length_km": 2}}}"#] {
        let first = channel(json);
        assert_eq!(channel(&serde_json::to_string(&first).unwrap()), first);
    }
}

#[test]
fn converters_lose_photons_and_add_dark_counts() {
    let fiber = r#"{"length_km": 50, "insertion_loss_db": 2}"#;
    let model = link(&format!(
        r#"{{"SingleClick": {{"fiber": {fiber}, "detector": {{"efficiency": 0.5, "dark_count_rate_hz": 3}}, "station": 0.25,
            "bright_state_population": 0.1, "source_efficiency": 0.4}}}}"#
    ));
    let [a, b] =
        [(0.5, 1e3), (0.25, 1e4)].map(|(e, n)| FrequencyConverter { efficiency: Real(e), noise_photon_rate_hz: Real(n) });
    let LinkModel::SingleClick(out) = converter::with_converters(&model, [&a, &b]).unwrap() else { panic!("same model") };
    close(out.source_efficiency.a, 0.2, 1e-15);
    close(out.source_efficiency.b, 0.1, 1e-15);
    // 12 dB in all: 3 dB in arm A, 9 dB in arm B.
    let expected = 3.0 + 0.25 * (1e3 * math::pow(10.0, -0.3) + 1e4 * math::pow(10.0, -0.9));
    close(out.detector.dark_count_rate_hz.0, expected, 1e-14);
    let one = FrequencyConverter { efficiency: Real(1.0), noise_photon_rate_hz: Real(0.0) };
    assert_eq!(converter::with_converters(&model, [&one, &one]).unwrap(), model);
    let plain = link(r#"{"HeraldedLink": {"success_probability": 0.1, "attempt_time_s": 1}}"#);
    assert!(converter::with_converters(&plain, [&one, &one]).is_err());
}

/// A source of pairs in a satellite over two telescopes.
#[test]
fn two_downlinks_from_a_source_of_pairs() {
    let other = DOWN.replace("\"elevation_deg\": 40", "\"elevation_deg\": 70");
    let fields = format!(
        r#""fiber": {{"Arms": {{"a": {DOWN}, "b": {other}}}}}, "detector": {{"efficiency": 1, "number_resolving": true}},
           "memory": "absorptive", "pair_probability": 0.1"#
    );
    let [a, b] = [DOWN, &other].map(|json| Crossing::of(&channel(json)));
    let source = physics(&format!(r#"{{"MidpointSource": {{{fields}}}}}"#));
    close(source.success_probability, 0.1 * a.transmittance() * b.transmittance(), 1e-12);
    close(source.attempt_time_s(), a.light_time_s + b.light_time_s, 1e-15);
}
