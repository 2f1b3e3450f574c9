//! All outputs of one run: the one of `--format`, on standard output or in a file, and the reports beside it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, anyhow};

use crate::cli::options::{DetailArgs, LookArgs, ReportFile, is_in_folder, is_same_file};
use crate::cli::steps::{append_to, print_line, print_notes, replace_file, write_to};
use crate::input;
use crate::render::{Format, Look, failure, messages, render};
use crate::report::Report;

/// What standard output is a link to.
const STDOUT: &str = "/dev/stdout";

/// The outputs of a run.
pub(crate) struct Outputs {
    format: Format,
    /// Standard output, unless the output goes to a file.
    stdout: Option<Look>,
    /// Files, that of `--output` first.
    files: Vec<ReportFile>,
    look_of_files: Look,
}

/// A report for each kind of reader; `None` if no output is for it.
pub(crate) struct Reports {
    people: Option<Report>,
    programs: Option<Report>,
}

impl Reports {
    /// `report`: makes the report for people, or for programs.
    pub(crate) fn new(outputs: &Outputs, mut report: impl FnMut(bool) -> Report) -> Self {
        let has_people = outputs.formats().any(Format::is_for_people);
        let has_programs = !outputs.formats().all(Format::is_for_people);
        Reports { people: has_people.then(|| report(true)), programs: has_programs.then(|| report(false)) }
    }

    /// The report for people, to add to it.
    pub(crate) fn for_people(&mut self) -> Option<&mut Report> {
        self.people.as_mut()
    }

    fn of(&self, format: Format) -> Option<&Report> {
        if format.is_for_people() { self.people.as_ref() } else { self.programs.as_ref() }
    }
}

impl Outputs {
    /// `inputs`: the paths that the user gave. Fails if a file is an input or gets two outputs; then the outputs are
    /// those that can be written all the same.
    pub(crate) fn new(
        format: Format,
        look: &LookArgs,
        details: &DetailArgs,
        reports: &[ReportFile],
        inputs: &[PathBuf],
    ) -> (Self, Result<()>) {
        let (mut files, mut error) = (Vec::<ReportFile>::new(), None);
        let is_path = |input: &&PathBuf| *input != Path::new(input::STDIN) && !input::is_url(input);
        let inputs: Vec<_> = inputs.iter().filter(is_path).collect();
        let output = look.output.iter().map(|path| ReportFile { format, path: path.clone(), appends: false });
        for file in output.chain(reports.iter().cloned()) {
            let path = input::shown(&file.path);
            if inputs.iter().any(|input| is_same_file(input, &file.path)) {
                error.get_or_insert(anyhow!("{path} is an input, which the report would overwrite"));
            } else if let Some(folder) = inputs.iter().find(|input| is_in_folder(input, &file.path)) {
                let folder = input::shown(folder);
                error
                    .get_or_insert(anyhow!("{path} is in the input {folder}, of which all files are read as profiles"));
            } else if look.output.is_none() && file.path.is_file() && is_same_file(Path::new(STDOUT), &file.path) {
                error.get_or_insert(anyhow!("{path} is where standard output goes, which --format is for"));
            } else if files.iter().any(|known| is_same_file(&known.path, &file.path)) {
                error.get_or_insert(anyhow!("{path} would get two reports: each needs a file of its own"));
            } else {
                files.push(file);
            }
        }
        let stdout = look.output.is_none().then(|| details.look(look));
        (Outputs { format, stdout, files, look_of_files: details.look_of_file(look) }, error.map_or(Ok(()), Err))
    }

    /// The formats of all outputs.
    pub(crate) fn formats(&self) -> impl Iterator<Item = Format> {
        [self.format].into_iter().chain(self.files.iter().map(|file| file.format))
    }

    /// Replaces what an earlier run left, so that nobody takes it for the result of this one, however this one ends.
    pub(crate) fn replace_old(&self) {
        for file in self.files.iter().filter(|file| !file.appends && file.path.is_file()) {
            // Whether the file can be written shows at the end, when the other outputs are complete.
            let _ = replace_file(&file.path, |out| failure(messages::UNFINISHED, file.format, out));
        }
    }

    /// Writes the report to all outputs. `refusal`: why it does not hold, whatever it says; then only a table says it, and
    /// all formats that are read by programs say why. Fails if one of them cannot be written, after all others are.
    pub(crate) fn write(&self, reports: &Reports, refusal: Option<&str>) -> Result<()> {
        let report = reports.of(self.format);
        if let Some(report) = report.filter(|_| !self.format.shows_notes()) {
            print_notes(&report.notes);
        }
        if let Some(report) = report.filter(|_| !self.format.shows_coverage()) {
            messages::gate_remarks(report).iter().for_each(|remark| print_line(&format!("note: {remark}")));
        }
        let write = |format: Format, look: Look, out: &mut dyn Write| match refusal.filter(|_| format != Format::Table)
        {
            Some(refusal) => failure(refusal, format, out),
            None => reports.of(format).map_or(Ok(()), |report| render(report, format, look, out)),
        };
        let mut errors = write_files(&self.files, |format, out| write(format, self.look_of_files, out));
        if let Some(look) = self.stdout {
            errors.extend(write_to(None, |out| write(self.format, look, out)).err());
        }
        joined(&errors)
    }

    /// Writes to all outputs that there is no report, and why; to standard output only in formats for CI, as standard
    /// error says it to others. Fails if one of the outputs cannot be written, after all others are.
    pub(crate) fn write_failure(&self, error: &str) -> Result<()> {
        write_failure_to(&self.files, self.stdout.map(|_| self.format), error)
    }
}

/// The same, to these files and to standard output in this format, if it is for that.
pub(crate) fn write_failure_to(files: &[ReportFile], stdout: Option<Format>, error: &str) -> Result<()> {
    let mut errors = write_files(files, |format, out| failure(error, format, out));
    if let Some(format) = stdout.filter(|format| format.is_for_ci()) {
        errors.extend(write_to(None, |out| failure(error, format, out)).err());
    }
    joined(&errors)
}

/// Writes each file in its format, and returns the errors.
fn write_files(files: &[ReportFile], write: impl Fn(Format, &mut dyn Write) -> io::Result<()>) -> Vec<Error> {
    let write_one = |file: &ReportFile| {
        let write = |out: &mut dyn Write| write(file.format, out);
        match file.appends {
            true => append_to(&file.path, write).with_context(|| input::shown(&file.path)),
            false => write_to(Some(&file.path), write),
        }
    };
    let cannot = |file: &ReportFile, error: &Error| {
        let why = match error.root_cause().downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::NotFound) => "no such folder".to_owned(),
            Some(io::ErrorKind::PermissionDenied) => "permission denied".to_owned(),
            Some(io::ErrorKind::IsADirectory) => "it is a folder".to_owned(),
            _ => error.root_cause().to_string(),
        };
        anyhow!("cannot write the {} report {}: {why}", file.format.name(), input::shown(&file.path))
    };
    files.iter().filter_map(|file| write_one(file).err().map(|error| cannot(file, &error))).collect()
}

fn joined(errors: &[Error]) -> Result<()> {
    let texts: Vec<_> = errors.iter().map(|error| format!("{error:#}")).collect();
    if texts.is_empty() { Ok(()) } else { Err(anyhow!(texts.join("; "))) }
}
