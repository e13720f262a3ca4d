//! The circuit language: what is read is written back, wrong text is refused with line and reason, and no text panics.

use ebit_quantum::{Circuit, Item, Operation};
use proptest::prelude::*;

fn parse(text: &str) -> Circuit {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refusal(text: &str) -> String {
    text.parse::<Circuit>().expect_err(text).to_string()
}

#[test]
fn text_is_written_back_in_stims_form() {
    for (text, printed) in [
        ("h 0", "H 0"),
        ("zcx 0 1 # a comment\n\n  \t# another\nCNOT 2 3", "CX 0 1 2 3"),
        ("M !0 1\r\nMZ 2", "M !0 1 2"),
        ("MPP !X0*Y1 Z2", "MPP !X0*Y1 Z2"),
        ("MPP X0 *X1", "MPP X0*X1"),
        ("PAULI_CHANNEL_1(0.1 , 2e-1,.3)\t0", "PAULI_CHANNEL_1(0.1, 0.2, 0.3) 0"),
        ("X_ERROR(1e-10) 0", "X_ERROR(1e-10) 0"),
        ("CX rec[-1] 0 sweep[3] 1", "CX rec[-1] 0 sweep[3] 1"),
        ("H[a\\Cb] 0\nH[c] 1\nH[c] 2", "H[a\\Cb] 0\nH[c] 1 2"),
        ("TICK\nTICK", "TICK\nTICK"),
        ("REPEAT[t] 2 {\nREPEAT 3 {\nM 0\n}\n}", "REPEAT[t] 2 {\n    REPEAT 3 {\n        M 0\n    }\n}"),
        ("if rec[-1] !rec[-2] {\nH 0\n}", "IF rec[-1] !rec[-2] {\n    H 0\n}"),
        ("DETECTOR(1,-0.5) rec[-1]", "DETECTOR(1, -0.5) rec[-1]"),
        ("UNITARY[t](1, 0, 0, 0, 0, 0, 0.6, 0.8) 3", "UNITARY[t](1, 0, 0, 0, 0, 0, 0.6, 0.8) 3"),
    ] {
        let circuit = parse(text);
        assert_eq!(circuit.to_string(), printed);
        assert_eq!(parse(printed), circuit);
    }
}

#[test]
fn wrong_text_is_refused_with_line_and_reason() {
    for (text, reason) in [
        ("H 0\nCXX 0 1", "Circuit: line 2: instruction must be one of Stim's (did you mean CX?), got 'CXX'"),
        ("X_ERROR(1.5) 0", "a probability in [0, 1], got 1.5"),
        ("X_ERROR 0", "1 probability, got ()"),
        ("PAULI_CHANNEL_1(0.5,0.5,0.5) 0", "at most 1, got 1.5"),
        ("CX 0 1 2", "pairs, got 3 targets"),
        ("CX 0 0", "two different ones, got 0 0"),
        ("CX 0 rec[-1]", "a gate cannot change the record"),
        ("H !0", "a qubit, as 3, got !0"),
        ("H 16777216", "below 2^24"),
        ("REPEAT 0 {\n}", "a count of 1 to 2^64 - 1, got 0"),
        ("REPEAT 5 {\nH 0", "line 1: the block must be closed"),
        ("}", "behind a block that was opened"),
        ("MPP X1*", "between two Paulis"),
        ("M 0\nDETECTOR rec[0]", "line 2"),
        ("DETECTOR rec[-0]", "each target"),
        ("H 0 ; H 1", "got ';'"),
        ("M 0\nIF rec[-1] {\nM 0\n}", "without measurements"),
        ("UNITARY(1,0,0,0,0,0,2,0) 0", "unitary within 1e-9"),
        ("H 0 1é", "separated by spaces"),
    ] {
        let error = refusal(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    let deep = "REPEAT 2 {\n".repeat(200_000);
    assert!(refusal(&deep).contains("at most 100 deep"));
}

#[test]
fn everything_is_counted_once_per_execution() {
    let c = parse("MPAD 1 9\n".replace('9', "0").as_str());
    assert_eq!((c.num_qubits(), c.num_measurements()), (0, 2));
    let c = parse(
        "H 5\nREPEAT 10 {\nM 0 1\nMPP X0*X1 Z2\nMXX 0 1\nDETECTOR rec[-1]\nTICK\n}\nHERALDED_ERASE(0.1) 7\nOBSERVABLE_INCLUDE(4) rec[-1]",
    );
    assert_eq!((c.num_qubits(), c.num_measurements(), c.num_detectors(), c.num_observables(), c.num_ticks()), (8, 51, 10, 5, 10));
    // No overflow: counts saturate.
    let huge = "REPEAT 18446744073709551615 {\nREPEAT 18446744073709551615 {\nM 0\n}\n}";
    assert_eq!(parse(huge).num_measurements(), u64::MAX);
    assert!(parse(huge).flattened().is_err());
}

#[test]
fn loops_are_run_through_and_written_out_alike() {
    let c = parse("REPEAT 3 {\nS 0\nREPEAT 2 {\nSHIFT_COORDS(1)\nDETECTOR(10, 1)\n}\n}\nQUBIT_COORDS(1) 4");
    let flat = c.flattened().unwrap();
    let printed = flat.to_string();
    assert!(printed.starts_with("S 0\nDETECTOR(11, 1)\nDETECTOR(12, 1)\nS 0\nDETECTOR(13, 1)"), "{printed}");
    assert!(printed.ends_with("DETECTOR(16, 1)\nQUBIT_COORDS(7) 4"), "{printed}");
    let mut seen = 0;
    c.walk(&mut |item| -> Result<(), ()> {
        seen += usize::from(matches!(item, Item::Instruction(i) if *i.operation() == Operation::Detector));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, 6);
}

#[test]
fn the_inverse_turns_order_and_gates_around() {
    let c = parse("H 0 1\nCX 0 1 1 2\nS 0\nTICK\nREPEAT 2 {\nSQRT_XX 0 1\nC_XYZ 2\n}\nSPP X0*Y1 Z2");
    let inverse = "SPP_DAG Z2 Y1*X0\nREPEAT 2 {\n    C_ZYX 2\n    SQRT_XX_DAG 0 1\n}\nTICK\nS_DAG 0\nCX 1 2 0 1\nH 1 0";
    assert_eq!(c.inverse().unwrap().to_string(), inverse);
    assert_eq!(c.inverse().unwrap().inverse().unwrap(), c);
    for text in ["M 0", "X_ERROR(0.1) 0", "M 0\nCX rec[-1] 1", "R 0"] {
        assert!(parse(text).inverse().is_err(), "{text}");
    }
}

/// Lines that are nearly right: names, brackets and targets thrown together.
fn nearly() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = Operation::all_names().chain(["REPEAT", "IF", "UNITARY", "}", "", "*"]).collect();
    let pieces = [
        "0",
        " 1",
        " !2",
        " X3",
        "*",
        " rec[-1]",
        " sweep[0]",
        "(0.1)",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        " ",
        "\t",
        "#",
        "\\",
        "é",
        "1e9",
        ",",
        "-",
        " 99999999999999999999",
        "[a\\C]",
        "(0.1, 0.2, 0.3)",
        " !X0*Y1",
        "\n",
    ];
    let piece = prop::sample::select(pieces.to_vec());
    let line = (prop::sample::select(names), prop::collection::vec(piece, 0..6))
        .prop_map(|(name, rest)| format!("{name}{}", rest.concat()));
    prop::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = text.parse::<Circuit>();
    }

    #[test]
    fn what_is_accepted_reads_back_as_itself(text in nearly()) {
        if let Ok(circuit) = text.parse::<Circuit>() {
            let printed = circuit.to_string();
            prop_assert_eq!(&printed.parse::<Circuit>().unwrap(), &circuit, "{}", printed);
            let _ = (circuit.counts(), circuit.inverse());
            if circuit.counts().instructions < 1000 {
                let _ = circuit.flattened();
            }
        }
    }
}
