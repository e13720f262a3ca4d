//! OpenQASM as it is written, and as it should not be.

use ebit_quantum::{Circuit, QasmErrorKind};
use proptest::prelude::*;

const TWO: &str = "OPENQASM 2.0; include \"qelib1.inc\"; ";
const THREE: &str = "OPENQASM 3.0; include \"stdgates.inc\"; ";

fn read(text: &str) -> String {
    Circuit::from_qasm(text).map_or_else(|e| e.to_string(), |c| c.to_string())
}

fn two(body: &str) -> String {
    read(&format!("{TWO}{body}"))
}

fn three(body: &str) -> String {
    read(&format!("{THREE}{body}"))
}

#[test]
fn registers_are_broadcast_and_numbered_in_order() {
    assert_eq!(
        two("qreg a[2]; qreg b[2]; creg c[2]; h a; cx a,b; cx a[0],b; measure b -> c; reset a[1];"),
        "H 0 1\nCX 0 2 1 3 0 2 0 3\nM 2 3\nR 1"
    );
    assert_eq!(three("qubit a; qubit[2] b; bit[2] c; cz a, b; c = measure b; c[0] = measure a;"), "CZ 0 1 0 2\nM 1 2 0");
    assert_eq!(three("x $2; cx $2, $0;"), "X 2\nCX 2 0");
}

#[test]
fn clifford_angles_are_clifford_gates() {
    assert_eq!(
        two("qreg q[2]; rz(pi/2) q[0]; u3(pi/2,0,pi) q[1]; u1(-pi/2) q[0]; rx(3*pi) q[0]; cp(pi) q[0],q[1];"),
        "S 0\nH 1\nS_DAG 0\nX 0\nCZ 0 1"
    );
    assert_eq!(
        two("qreg q[2]; rzz(pi/2) q[0],q[1]; rxx(-pi/2) q[1],q[0]; crz(pi) q[0],q[1];"),
        "SQRT_ZZ 0 1\nSQRT_XX_DAG 1 0\nCZ 0 1\nS_DAG 0"
    );
    assert_eq!(
        three("qubit[2] q; U(pi/2, 0, pi) q[0]; ctrl @ U(pi, 0, pi) q[0], q[1]; pow(0.5) @ z q[0]; inv @ s q[1];"),
        "H 0\nCX 0 1\nS 0 0\nS_DAG 1"
    );
}

#[test]
fn other_gates_keep_name_and_parameters() {
    let text = two("qreg q[3]; t q[0]; rz(0.25) q[1]; ccx q[0],q[1],q[2];");
    for name in ["UNITARY[t]", "UNITARY[rz(0.25)]", "UNITARY[ccx]"] {
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn definitions_are_expanded() {
    assert_eq!(
        two("gate bell a,b { h a; cx a,b; } gate twice(x) a,b { bell b,a; barrier a,b; rz(2*x) a; } \
                    qreg q[2]; twice(pi/4) q[0],q[1];"),
        "H 1\nCX 1 0\nS 0"
    );
    // A definition that is one gate of the table is that gate.
    assert_eq!(two("gate iswap a,b { s a; s b; h a; cx a,b; cx b,a; h b; } qreg q[2]; iswap q[0],q[1];"), "ISWAP 0 1");
    // The text's own definition wins over the library's, but not inside definitions above it.
    assert_eq!(two("gate g a { x a; } gate x a { z a; } qreg q[1]; g q[0]; x q[0];"), "X 0\nZ 0");
}

#[test]
fn expressions_have_the_language_s_precedence() {
    for (text, angle) in [
        ("pi/2", 0.5),
        ("-pi/2", -0.5),
        ("pi-3*pi/2", -0.5),
        ("(2^-1)*pi", 0.5),
        ("-2^2*pi/8", -0.5),
        ("sqrt(4)*pi/4", 0.5),
        ("ln(exp(1))*pi/2", 0.5),
        ("cos(0)*sin(pi/2)*tan(pi/4)*pi/2", 0.5),
        ("1/2*pi", 0.5),
    ] {
        let gate = if angle > 0.0 { "S 0" } else { "S_DAG 0" };
        assert_eq!(two(&format!("qreg q[1]; rz({text}) q[0];")), gate, "{text}");
    }
    for (text, gate) in [
        ("pi/2", "S 0"),
        ("1/2*pi", "I 0"),
        ("2**-1*pi", "S 0"),
        ("(5 ^ 4)*pi/2", "S 0"),
        ("-2**2*pi/8", "S_DAG 0"),
        ("arcsin(1.0)", "S 0"),
        ("π/2", "S 0"),
        ("tau/4", "S 0"),
        ("mod(-3, 4)*pi/2", "S 0"),
        ("float(1)/2*pi", "S 0"),
        ("(7 >> 1 & 1)*pi/2", "S 0"),
    ] {
        assert_eq!(three(&format!("qubit[1] q; rz({text}) q[0];")), gate, "{text}");
    }
}

#[test]
fn paulis_under_a_parity_are_feedback() {
    assert_eq!(
        two("qreg q[2]; creg c[1]; measure q[0] -> c[0]; if (c==1) x q[1]; if (c==0) z q[1];"),
        "M 0\nCX rec[-1] 1\nZ 1\nCZ rec[-1] 1"
    );
    assert_eq!(
        three("qubit[3] q; bit[2] c; c[0] = measure q[0]; c[1] = measure q[1]; if (c[0] ^ c[1]) { y q[2]; }"),
        "M 0 1\nCY rec[-2] 2 rec[-1] 2"
    );
    assert_eq!(
        three("qubit[2] q; bit c = measure q[0]; if (c) { x q[1]; } else { z q[1]; }"),
        "M 0\nCX rec[-1] 1\nZ 1\nCZ rec[-1] 1"
    );
}

#[test]
fn other_gates_under_a_condition_are_conditional() {
    assert_eq!(
        two("qreg q[3]; creg c[2]; measure q[0] -> c[0]; measure q[1] -> c[1]; if (c==2) x q[2]; if (c==2) h q[2];"),
        "M 0 1\nIF !rec[-2] rec[-1] {\n    X 2\n    H 2\n}"
    );
    assert_eq!(
        three("qubit[3] q; bit[2] c; c = measure q[0:1]; if (c != 3) h q[2];"),
        "M 0 1\nIF !rec[-2] {\n    H 2\n}\nIF rec[-2] !rec[-1] {\n    H 2\n}"
    );
    assert_eq!(
        three("qubit[3] q; bit[2] c; c = measure q[0:1]; if (c[0]) { if (!c[1]) { h q[2]; reset q[0]; } }"),
        "M 0 1\nIF rec[-2] !rec[-1] {\n    H 2\n    R 0\n}"
    );
    assert_eq!(
        three("qubit[2] q; bit c; int k; c = measure q[0]; k = c; switch (k) { case 0 { h q[1]; } default { s q[1]; } }"),
        "M 0\nIF !rec[-1] {\n    H 1\n}\nIF rec[-1] {\n    S 1\n}"
    );
}

#[test]
fn bits_never_measured_are_zero() {
    assert_eq!(two("qreg q[1]; creg c[2]; if (c==0) x q[0]; if (c==1) h q[0];"), "X 0");
    // The second bit is 0 for certain.
    assert_eq!(two("qreg q[2]; creg c[2]; measure q[0] -> c[0]; if (c==1) x q[1]; if (c==2) h q[1];"), "M 0\nCX rec[-1] 1");
    assert_eq!(two("qreg q[1]; creg c[1]; if (c==7) x q[0];"), "I 0");
}

#[test]
fn what_is_constant_is_computed() {
    assert_eq!(
        three("const int n = 3; qubit[n] q; for int i in [0:n - 1] { if (i % 2 == 0) { h q[i]; } else { x q[i]; } }"),
        "H 0\nX 1\nH 2"
    );
    assert_eq!(
        three("qubit[4] q; for int i in [3:-2:0] x q[i]; for uint i in {0, 2} { if (i == 2) { break; } z q[i]; }"),
        "X 3 1\nZ 0"
    );
    assert_eq!(
        three("qubit[4] q; int k = 0; while (k < 4) { if (k == 1) { k += 2; continue; } x q[k]; k += 1; } end; y q;"),
        "X 0 3"
    );
    assert_eq!(three("qubit[4] q; let a = q[1:3] ++ q[0]; x a[0]; x a[-1]; y a[{1, 2}];"), "X 1 0\nY 2 3");
    assert_eq!(three("const float theta = pi / 2; gate g a { rz(theta) a; } qubit q; g q;"), "S 0");
    assert_eq!(three("qubit[2] q; bit[3] b = \"101\"; if (b == 5) x q[0]; if (b[1]) x q[1];"), "X 0\nI 1");
}

#[test]
fn barriers_across_everything_are_ticks() {
    assert_eq!(two("qreg q[2]; x q[0]; barrier q; x q[0]; barrier q[0]; x q[1];"), "X 0\nTICK\nX 0 1");
    assert_eq!(three("qubit[2] q; barrier; delay[100ns] q[0]; @note anything; \n x q[1];"), "TICK\nX 1");
}

#[test]
fn errors_say_where_what_and_how() {
    for (text, message) in [
        ("OPENQASM 4.0;", "line 1, column 10: expected version 2.0 or 3.0, found 4 (as OPENQASM 3.0;)"),
        ("OPENQASM 2.0;\nqreg q[2]\nh q[0];", "line 3, column 1: expected ';', found 'h'"),
        (
            "OPENQASM 2.0;\nqreg q[2];\n  h q[0];",
            "line 3, column 3: expected a gate that is defined above, found 'h' (include \"qelib1.inc\"; brings it)",
        ),
        (
            "OPENQASM 2.0; include \"other.inc\";",
            "line 1, column 15: expected \"qelib1.inc\", found \"other.inc\" (the text is read, no files: paste what it holds)",
        ),
        (
            "OPENQASM 3.0; include \"stdgates.inc\"; qubit[2] q; csx q[0], q[1];",
            "line 1, column 51: expected a gate that is defined above, found 'csx' (stdgates.inc has no such gate: define it)",
        ),
    ] {
        assert_eq!(read(text), format!("OpenQASM {message}"));
    }
    for (body, message) in [
        ("qreg q[2]; cx q[0],q[0];", "expected different qubits, found qubit 0 twice (a gate cannot act twice on one qubit)"),
        ("qreg q[2]; x q[2];", "expected an index below 2, found 2"),
        ("qreg q[2]; cx q[0];", "expected 2 qubits of cx, found 1"),
        ("qreg q[2]; rz q[0];", "expected 1 parameter of rz, found 0"),
        ("qreg q[2]; qreg p[3]; cx q,p;", "expected registers of one length, 2, found 3"),
        ("qreg q[2]; rz(1/0) q[0];", "expected a divisor other than 0, found 0"),
        ("qreg q[2]; rz(ln(-1)) q[0];", "expected ln of a number above 0, found -1"),
        ("qreg q[2]; creg q[2];", "expected a name that is not taken, found 'q', declared above"),
        ("opaque magic a;", "expected gates with a definition, found opaque 'magic' (write its unitary as a gate)"),
        ("gate g a { g a; } qreg q[1]; g q[0];", "expected a gate that is defined above, found 'g' (define it with gate)"),
        (
            "qreg q[1]; creg c[1]; measure q[0] -> c[0]; if (c==1) measure q[0] -> c[0];",
            "expected a measurement that always happens, found one under a condition on measurements (do it before or after; gates and resets may stand under a condition)",
        ),
        ("qreg q[2]; creg c[1]; measure q -> c;", "expected a value of 1 bit, found 2 bits, some of them measured"),
        ("qreg q[0];", "expected a size >= 1, found 0"),
    ] {
        let found = two(body);
        assert!(found.starts_with("OpenQASM line 1, column ") && found.ends_with(message), "{body}\n{found}");
    }
    for (body, message) in [
        (
            "def f(qubit q) { x q; }",
            "expected gates, measurements and control flow over constants, found 'def' (write subroutines as gates, or inline them)",
        ),
        ("input float x;", "found 'input' (assign the parameters before the export)"),
        (
            "qubit q; bit c = measure q; while (c) { x q; }",
            "expected a loop whose length is known now, found while on a measurement (the number of operations of a circuit is fixed)",
        ),
        (
            "qubit[7] q; ctrl(6) @ x q[0], q[1], q[2], q[3], q[4], q[5], q[6];",
            "expected 1 to 5 controls, found 6 (a circuit carries unitaries of up to 6 qubits)",
        ),
        ("qubit q; x $0;", "expected either declared qubits or physical ones, found both (as q[0], or $0)"),
        (
            "qubit[2] q; pow(0.5) @ swap q[0], q[1];",
            "expected an integer power of a gate on several qubits, found 0.5 (put ctrl in front of pow, not inside the gate)",
        ),
        (
            "qubit[4] q; bit[4] c = measure q; if (c[0] && c[1] || c[2]) x q[3];",
            "found && and || mixed over measured bits (a condition may be a conjunction of parities of outcomes, or the opposite of one; nest or split the if)",
        ),
        (
            "int x = 9223372036854775807 + 1;",
            "expected integers below 2^63, found a larger one (write one of them with a decimal point)",
        ),
    ] {
        let found = three(body);
        assert!(found.starts_with("OpenQASM line 1, column ") && found.ends_with(message), "{body}\n{found}");
    }
}

#[test]
fn hostile_texts_meet_limits() {
    let deep = |open: &str, inner: &str, close: &str| {
        format!("{THREE}qubit q; {}{inner}{}", open.repeat(200_000), close.repeat(200_000))
    };
    let mut definitions = String::from("gate g0 a { rx(0.1) a; ry(0.1) a; }\n");
    let mut empty = String::from("gate g0 a { }\n");
    for k in 1..60 {
        definitions += &format!("gate g{k} a {{ g{0} a; g{0} a; }}\n", k - 1);
        empty += &format!("gate g{k} a {{ g{0} a; g{0} a; }}\n", k - 1);
    }
    // Two to the sixty calls that do nothing cost sixty.
    assert_eq!(two(&format!("{empty}qreg q[1]; g59 q[0];")), "I 0");
    let chain: String = (1..5000).map(|k| format!("gate g{k} a {{ g{} a; h a; }}\n", k - 1)).collect();
    for text in [
        deep("rx(", "1", ") q;"),
        format!("{THREE}qubit q; rx({}1{}) q;", "(".repeat(100_000), ")".repeat(100_000)),
        format!("{THREE}qubit q; rx({}1) q;", "-".repeat(100_000)),
        format!("{THREE}qubit q; rx({}1) q;", "1+".repeat(100_000)),
        format!("{THREE}qubit q; rx({}1) q;", "2**".repeat(100_000)),
        format!("{THREE}qubit q; x q{};", "[0]".repeat(100_000)),
        deep("{", "", "}"),
        deep("if (true) {", "", "}"),
        deep("if (false) x q; else ", "x q;", ""),
        format!("{THREE}qubit[3] q; for int i in [0:9223372036854775807] {{ x q[0]; }}"),
        format!("{THREE}qubit q; for int i in [0:100000] {{ for int j in [0:100000] {{ }} }}"),
        format!("{THREE}qubit q; while (true) {{ }}"),
        format!("{THREE}qubit[9000000000] q;"),
        format!("{THREE}bit[1000000000] c;"),
        format!("{THREE}qubit q; pow(100000000) @ x q;"),
        format!("{TWO}{definitions}qreg q[1]; g40 q[0];"),
        format!("{TWO}gate g0 a {{ h a; }}\n{chain}qreg q[1]; g4999 q[0];"),
        format!("{THREE}qubit[1000000] a; {}", (0..64).map(|k| format!("let b{k} = a; ")).collect::<String>()),
        format!(
            "{THREE}qubit[2] q; bit[100000] c; for int i in [0:99999] {{ c[i] = measure q[0]; }} for int i in [1:99999] {{ c[i] = c[i] ^ c[i - 1]; }}"
        ),
    ] {
        let error = Circuit::from_qasm(&text).err();
        let shown: String = text.chars().take(80).collect();
        assert_eq!(error.as_ref().map(|e| e.kind), Some(QasmErrorKind::TooLarge), "{error:?} of {shown}...");
    }
}

const SEEDS: [&str; 4] = [
    "OPENQASM 2.0; include \"qelib1.inc\"; gate g(a,b) x,y { rz(a*-b^2) x; cx x,y; u3(a,b,sin(a)) y; } qreg q[3]; creg c[2]; g(pi/4,1e-3) q[0],q[1]; barrier q; measure q[0] -> c[0]; if (c==1) x q[2]; reset q[1];",
    "OPENQASM 3.0; include \"stdgates.inc\"; const int n = 4; qubit[n] q; bit[n] c; for int i in [0:n - 1] { ctrl @ inv @ pow(0.5) @ x q[i], q[(i + 1) % n]; } c = measure q; if (c[0] ^ c[1] && !c[2]) { h q[3]; } else { z q[3]; } let a = q[0:2] ++ q[3]; x a[{0, 1}];",
    "OPENQASM 3.0; gate g(p0) a, b { U(p0, -pi/2, pi/2) a; ctrl @ gphase(p0) b; } qubit[2] q; bit[2] c = \"01\"; int k = 0; while (k < 3) { g(k * 0.5) q[0], q[1]; k += 1; } switch (c) { case 1, 2 { U(1,2,3) q[0]; } default { } } end;",
    "include \"stdgates.inc\"; x $0; bit b = measure $0; if (b) { y $1; } delay[10ns] $0; barrier $0, $1; box { h $1; }",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
    /// Whatever is done to a text, reading it ends, with a circuit or an error.
    #[test]
    fn no_mutation_panics(seed in 0usize..4, edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, any::<prop::sample::Index>()), 1..12)) {
        const PIECES: [&str; 32] = ["(", ")", "[", "]", "{", "}", ";", ",", "@", "ctrl", "pow", "inv", "-", "**", "^", "0", "1e400", "99999999999999999999",
            "q", "c", "measure", "if", "else", "for", "gate", "->", "\"", "$", "§", "/*", "9223372036854775807", ":"];
        let mut text: Vec<char> = SEEDS[seed].chars().collect();
        for (at, kind, piece) in edits {
            if text.is_empty() { break; }
            let k = at.index(text.len());
            match kind {
                0 => { text.remove(k); }
                1 => { let piece: Vec<char> = PIECES[piece.index(PIECES.len())].chars().collect(); text.splice(k..k, piece); }
                2 => { let end = (k + 1 + piece.index(20)).min(text.len()); let copy = text[k..end].to_vec(); text.splice(k..k, copy); }
                _ => { let end = (k + 1 + piece.index(20)).min(text.len()); text.drain(k..end); }
            }
        }
        let text: String = text.into_iter().collect();
        match Circuit::from_qasm(&text) {
            Ok(circuit) => { prop_assert!(circuit.num_qubits() <= 1 << 20); }
            Err(error) => { prop_assert!(error.to_string().starts_with("OpenQASM line ")); }
        }
    }

    #[test]
    fn the_seeds_are_read(seed in 0usize..4) {
        let read = Circuit::from_qasm(SEEDS[seed]);
        prop_assert!(read.is_ok(), "{:?}", read);
    }
}

/// Every kind of instruction that OpenQASM can say.
const WRITTEN: &str = "H 0\nS_DAG 1\nSQRT_Y 2\nC_XYZ 0\nISWAP 0 1\nXCY 1 2\nTICK\nMX 0\nM !1\nMY 2\nMR 0\nMRY !1\nRX 2\nR 0\nRY 1\n\
    MXX 0 !1\nMPP X0*Y1*Z2 !Z0\nSPP Y0*Z1\nSPP_DAG !X2\nCX rec[-1] 0 rec[-2] 1\nXCZ 2 rec[-1]\nREPEAT 2 {\n    H 0\n    M 0\n    CZ rec[-1] 1\n}";

#[test]
fn what_is_written_is_read_back() -> Result<(), Box<dyn std::error::Error>> {
    let circuit: Circuit = WRITTEN.parse()?;
    for version in [2, 3] {
        let text = circuit.to_qasm(version, false)?;
        let again = Circuit::from_qasm(&text)?;
        assert_eq!(again.num_measurements(), circuit.num_measurements());
        // Written once more it is the same text: nothing is lost or moved.
        assert_eq!(again.to_qasm(version, false)?, text, "{again}");
    }
    Ok(())
}

#[test]
fn unitaries_are_written_by_name_or_by_angles() -> Result<(), Box<dyn std::error::Error>> {
    let body =
        "t q[0];\nrz(0.25) q[1];\nccx q[0],q[1],q[2];\ncu(0.1,0.2,0.3,0.4) q[1],q[0];\nrzz(0.5) q[0],q[2];\nif(m0==0) t q[1];\n";
    let text = format!("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[3];\ncreg m0[1];\nmeasure q[0] -> m0[0];\n{body}");
    assert_eq!(Circuit::from_qasm(&text)?.to_qasm(2, false)?, text);
    let three = Circuit::from_qasm(
        "OPENQASM 3.0; include \"stdgates.inc\"; qubit[3] q; ctrl(2) @ rx(0.5) q[2], q[0], q[1]; inv @ t q[0];",
    )?;
    let written = three.to_qasm(3, false)?;
    assert!(written.contains("ctrl(1) @ cu(0.5,-pi/2,pi/2,0.0) q[2],q[0],q[1];\nU(0.0,0.0,-pi/4) q[0];"), "{written}");
    assert_eq!(Circuit::from_qasm(&written)?.to_qasm(3, false)?, written);
    assert!(three.to_qasm(2, false).is_err());
    Ok(())
}

#[test]
fn what_openqasm_cannot_say_is_named() {
    for (circuit, message) in [
        ("DEPOLARIZE1(0.1) 0", "OpenQASM: expected what OpenQASM can say, found DEPOLARIZE1 (OpenQASM has no noise)"),
        ("M(0.1) 0", "OpenQASM: expected what OpenQASM can say, found M with a noisy result (OpenQASM has no noise)"),
        (
            "M 0\nDETECTOR rec[-1]",
            "OpenQASM: expected what OpenQASM can say, found DETECTOR (drop_annotations=True leaves annotations out)",
        ),
        ("MPAD 1", "OpenQASM: expected what OpenQASM can say, found MPAD (measure a qubit that was reset)"),
        ("CX sweep[0] 1", "OpenQASM: expected what OpenQASM can say, found sweep[0] (OpenQASM has no bits from outside)"),
        (
            "M 0 1\nIF rec[-1] rec[-2] {\n    H 0\n}",
            "OpenQASM: expected what OpenQASM can say, found IF on several outcomes (write version 3)",
        ),
        (
            "REPEAT 100000000 {\n    H 0\n}",
            "OpenQASM: expected at most 2^24 instructions once loops are written out, found 100000000",
        ),
    ] {
        let found = circuit.parse::<Circuit>().map(|c| c.to_qasm(2, false).err().map(|e| e.to_string()));
        assert_eq!(found, Ok(Some(message.to_owned())));
    }
    let annotated: Result<Circuit, _> = "M 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]".parse();
    assert_eq!(annotated.map(|c| c.to_qasm(3, true).map(|t| t.lines().count())), Ok(Ok(5)));
}
