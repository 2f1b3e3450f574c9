//! The output of `go test -bench`, as text or as `-json` wrote it.
//!
//! In: the bytes. Out: [`BenchOutput`]: which benchmark ran, and what each of its lines says. Lines of other kinds, of
//! which there are many, are skipped.

use std::io::{self, Read};

use serde_json::Value;
use thiserror::Error;

/// The largest output that is read, bytes; ten thousand lines take 1 MiB.
const MAX_BYTES: u64 = 16 << 20;

/// Names that an error lists.
const FEW_NAMES: usize = 3;

/// The lines of one benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchOutput {
    /// Name of the benchmark, without the number of CPUs.
    pub name: String,
    /// A line each, of `-count` and `-cpu`.
    pub runs: Vec<BenchRun>,
}

/// A line of a benchmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BenchRun {
    /// Operations of the last run, `b.N`.
    pub iterations: u64,
    /// Bytes allocated per operation (`B/op`); `None` without `-benchmem`.
    pub bytes: Option<f64>,
}

/// Why an output does not say what one benchmark ran.
#[derive(Debug, Error)]
pub enum BenchOutputError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("larger than {} MiB: expected the output of go test -bench", MAX_BYTES >> 20)]
    TooLarge,
    #[error("no benchmark line such as \"BenchmarkX-8  200  6021 ns/op\": expected the output of go test -bench")]
    NoBenchmark,
    /// What it ran is not listed.
    #[error("line {line}: {name} failed, so nothing says how many operations it ran")]
    Failed { line: usize, name: String },
    #[error("line {line}: {name}: expected the number of operations after the name, at least 1")]
    Iterations { line: usize, name: String },
    #[error(
        "{} benchmarks ({}): one profile holds what all of them allocated, so it cannot be divided; run one of them, as with \
         -bench '{}'",
        .0.len(), few(.0), .0.first().map(|name| pattern(name)).unwrap_or_default()
    )]
    Several(Vec<String>),
}

fn few(names: &[String]) -> String {
    let more = if names.len() > FEW_NAMES { ", …" } else { "" };
    names.iter().take(FEW_NAMES).cloned().collect::<Vec<_>>().join(", ") + more
}

/// The value of `-bench` that runs only the benchmark `name`.
fn pattern(name: &str) -> String {
    name.split('/').map(|part| format!("^{}$", regex::escape(part))).collect::<Vec<_>>().join("/")
}

/// Reads the output of one benchmark.
///
/// # Errors
///
/// If it cannot be read, is not such an output, or does not say what one benchmark ran.
pub fn decode_bench_output(reader: impl Read) -> Result<BenchOutput, BenchOutputError> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(BenchOutputError::TooLarge);
    }
    parse(&plain_text(&String::from_utf8_lossy(&bytes)))
}

/// The text itself; of `-json` what the events print.
fn plain_text(text: &str) -> String {
    let event = |line: &str| -> Option<String> {
        let event: Value = serde_json::from_str(line).ok()?;
        Some(event.get("Action")?.as_str().map(|_| event["Output"].as_str().unwrap_or_default().to_owned()))?
    };
    match text.lines().find(|line| !line.trim().is_empty()).and_then(event) {
        Some(_) => text.lines().filter_map(event).collect(),
        None => text.to_owned(),
    }
}

fn parse(text: &str) -> Result<BenchOutput, BenchOutputError> {
    let mut package = "";
    let mut found: Vec<(String, BenchRun)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        if let Some(path) = line.strip_prefix("pkg: ") {
            package = path.trim();
        }
        if let Some(failed) = line.trim_start().strip_prefix("--- FAIL: Benchmark") {
            let name = failed.split_whitespace().next().unwrap_or_default();
            return Err(BenchOutputError::Failed { line: line_number, name: format!("Benchmark{name}") });
        }
        if let Some((name, run)) = run_of(line, line_number)? {
            found.push((format!("{package}\0{name}"), run));
        }
    }
    let mut names: Vec<_> = found.iter().map(|(name, _)| without_cpus(name)).collect();
    names.sort_unstable();
    names.dedup();
    let shown = |name: &str| name.split_once('\0').map_or(name, |(_, name)| name).to_owned();
    match names[..] {
        [] => Err(BenchOutputError::NoBenchmark),
        [name] => Ok(BenchOutput { name: shown(name), runs: found.iter().map(|&(_, run)| run).collect() }),
        _ => Err(BenchOutputError::Several(names.into_iter().map(shown).collect())),
    }
}

/// What a line says, with the name in it; `None` if it is no line of results. With `-v`, a name alone comes first.
fn run_of(line: &str, line_number: usize) -> Result<Option<(&str, BenchRun)>, BenchOutputError> {
    let mut fields = line.split_whitespace();
    let Some(name) = fields.next().filter(|_| line.starts_with("Benchmark")) else { return Ok(None) };
    let fields: Vec<_> = fields.collect();
    let value = |unit: &str| -> Option<f64> {
        let at = fields.iter().position(|field| *field == unit)?;
        fields.get(at.checked_sub(1)?)?.parse().ok().filter(|value: &f64| value.is_finite() && *value >= 0.0)
    };
    // Text that a benchmark prints may begin like a line of results.
    let has_result = fields.len() >= 3 && fields.iter().any(|field| field.contains('/'));
    if !has_result {
        return Ok(None);
    }
    match fields[0].parse::<u64>() {
        Ok(iterations @ 1..) => Ok(Some((name, BenchRun { iterations, bytes: value("B/op") }))),
        _ => Err(BenchOutputError::Iterations { line: line_number, name: name.to_owned() }),
    }
}

/// A name without the number of CPUs. The name of a function has no dash, that of a sub-benchmark may end like that.
fn without_cpus(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((function, cpus)) if !function_name(function).contains('/') && is_number(cpus) => function,
        _ => name,
    }
}

fn function_name(name: &str) -> &str {
    name.split_once('\0').map_or(name, |(_, name)| name)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BenchOutput, String> {
        decode_bench_output(text.as_bytes()).map_err(|error| error.to_string())
    }

    fn run(iterations: u64, bytes: Option<f64>) -> BenchRun {
        BenchRun { iterations, bytes }
    }

    const HEAD: &str = "goos: linux\ngoarch: amd64\npkg: example.test/lab\ncpu: Some CPU\n";

    #[test]
    fn lines_of_one_benchmark_are_read() {
        let text = format!(
            "{HEAD}BenchmarkBuild-2   \t     200\t    242629 ns/op\t 10.5 MB/s\t  11192 B/op\t     204 allocs/op\n\
             PASS\nok  \texample.test/lab\t0.072s\n"
        );
        let build = BenchOutput { name: "BenchmarkBuild".to_owned(), runs: vec![run(200, Some(11192.0))] };
        assert_eq!(read(&text), Ok(build));
        let cpus = format!("{HEAD}BenchmarkX \t 200\t 5 ns/op\nBenchmarkX-2 \t 300\t 5.5 ns/op\n");
        assert_eq!(read(&cpus).unwrap().runs, [run(200, None), run(300, None)]);
        // With -v the name comes first, and benchmarks may print.
        let verbose = "BenchmarkX\n    x_test.go:5: BenchmarkX says\nBenchmarkX-2 \t 200\t 5 ns/op\n";
        assert_eq!(read(verbose).unwrap().runs.len(), 1);
        let sub = read("BenchmarkX/size-8 \t 200\t 5 ns/op\n").unwrap();
        assert_eq!(sub.name, "BenchmarkX/size-8");
    }

    #[test]
    fn events_of_json_are_read() {
        let text = "{\"Action\":\"start\",\"Package\":\"p\"}\n\
                    {\"Action\":\"output\",\"Package\":\"p\",\"Output\":\"pkg: p\\n\"}\n\
                    {\"Action\":\"output\",\"Package\":\"p\",\"Test\":\"BenchmarkX\",\"Output\":\"BenchmarkX-2  \\t\"}\n\
                    {\"Action\":\"output\",\"Package\":\"p\",\"Test\":\"BenchmarkX\",\"Output\":\" 200\\t 5 ns/op\\t 8 B/op\\t 1 allocs/op\\n\"}\n";
        assert_eq!(read(text).unwrap().runs, [run(200, Some(8.0))]);
    }

    #[test]
    fn what_cannot_be_divided_says_why() {
        for (text, part) in [
            ("", "no benchmark line such as"),
            ("PASS\nok  \tx\t0.1s\n", "expected the output of go test -bench"),
            ("BenchmarkA \t 1\t 5 ns/op\nBenchmarkB \t 1\t 5 ns/op\n", "-bench '^BenchmarkA$'"),
            ("BenchmarkX/a-8 \t 1\t 5 ns/op\nBenchmarkX/a-16 \t 1\t 5 ns/op\n", "2 benchmarks"),
            ("pkg: a\nBenchmarkA \t 1\t 5 ns/op\npkg: b\nBenchmarkA \t 1\t 5 ns/op\n", "2 benchmarks"),
            ("BenchmarkA \t x\t 5 ns/op\n", "line 1: BenchmarkA: expected the number of operations"),
            ("BenchmarkA \t 0\t 5 ns/op\n", "at least 1"),
            ("\n--- FAIL: BenchmarkA-2\nFAIL\n", "line 2: BenchmarkA-2 failed"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
        let long = vec![b'x'; 17 << 20];
        assert!(matches!(decode_bench_output(&long[..]), Err(BenchOutputError::TooLarge)));
    }
}
