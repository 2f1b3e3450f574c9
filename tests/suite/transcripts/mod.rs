//! Transcripts: a command, how it ended and what it printed, each a file under `testdata/cases` and a test of its own.
//!
//! To add one, write its command to a file and its name to the list below, `-` as `_`; then let the program fill in the
//! rest, and read what it wrote:
//!
//! ```text
//! echo '$ heapdiff --top 3 before.pb.gz after.pb.gz' > testdata/cases/table-top-3.txt
//! HEAPDIFF_UPDATE=1 cargo test --test suite transcripts::table_top_3
//! ```
//!
//! `VAR=value` before the command is its environment, `< FILE` after it its standard input. `fixtures.rs` makes the
//! files that commands name.
//!
//! Each sentence should be in few transcripts: one for each command and format, and one for each error and note. The
//! others end with a filter that removes the sentences:
//!
//! - `| numbers` keeps tables, and only numbers, names and paths of other text; of JSON everything but sentences.
//!   Paragraphs with a given phrase stay whole: `| numbers, nothing grew, swapped`.
//! - `| news` is for `--help`: it removes the explanations that `heapdiff --help` has as well.

mod answers;
mod diff;
mod filter;
mod fixtures;
mod golden;

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                golden::check(stringify!($name));
            }
        )*

        #[test]
        fn every_file_has_a_test() {
            golden::check_names(&[$(stringify!($name)),*]);
        }
    };
}

transcripts! {
    bench_check bench_check_limit bench_check_pass bench_csv bench_json bench_normalize bench_normalize_json bench_table
    bench_work
    answer_cpp_120 answer_cpp_200 answer_cpp_80 answer_jemalloc answer_smaller_120 answer_smaller_200 answer_smaller_80
    answer_thousand_120 answer_thousand_200 answer_thousand_80 answer_two_120 answer_two_200 answer_two_80
    answer_bloat_120 answer_bloat_200 answer_bloat_80 answer_color answer_exact answer_goroutines_120
    answer_goroutines_200 answer_goroutines_80 answer_leak_120 answer_leak_200 answer_leak_80 answer_noise_120
    answer_noise_200 answer_noise_80 answer_refactor_120 answer_refactor_200 answer_refactor_80 answer_spread_120
    answer_spread_200 answer_spread_80 answer_verbose
    bytes_one_side bytes_only bytes_only_check bytes_only_check_no_evidence bytes_only_check_space bytes_only_csv
    bytes_only_json bytes_only_markdown
    check_bad_limit check_code_quality check_delta check_error_github check_error_junit check_fail check_fail_color check_github check_help check_inconclusive check_json
    check_junit check_markdown check_pass check_per_profile check_per_profile_pair check_sarif
    csv csv_notes csv_per_profile
    error_base_alone error_bench_heap error_bench_inuse error_bench_run error_bench_several error_bench_text
    error_command error_other_word error_dashes error_options_alike error_pprof_flags error_sort error_table_html error_trend_metrics error_concatenated
    error_address error_topic error_duplicate_id error_empty error_empty_folder
    error_ends_early error_escapes error_explain error_field_length error_field_type error_first_string
    error_flame_ending error_goroutines error_gzip_cut error_gzip_damaged error_gzip_tail error_gzip_thrice
    error_html error_line error_list_near error_list_none error_list_regex error_list_usage error_live_columns
    error_many_stdins error_memstats_json error_memstats_profile error_memstats_text error_message error_missing
    error_negative_string error_no_sample_types error_no_strings error_not_goroutines error_nothing_common
    error_one_goroutines error_output error_overrun error_padded error_paths_twice error_peek_near error_raw_cut error_report_format error_report_input error_report_stdout
    error_regex error_sample_type error_shell error_skipped_all error_stdin error_string_index error_tagfocus
    error_text error_top_and_all error_trend_folder error_trend_limit error_trend_stdin error_labels error_trend_two
    error_two_stdins error_units error_unknown_by error_unknown_function error_unknown_location error_unreadable
    error_value_count error_varint error_wire_type error_zero_id
    help help_command help_short
    goref goref_calibrate goref_check goref_cum goref_json goref_list goref_markdown goref_mixed goref_mixed_side
    goref_no_lines goref_peek goref_peek_near goref_stacks goref_top goref_trend goref_trend_mixed
    json json_notes json_per_profile json_text
    list list_builds list_color list_goroutines list_help list_json list_no_source list_wide
    markdown markdown_all markdown_notes markdown_per_profile
    memstats_bloat memstats_full memstats_garbage memstats_goroutines memstats_help memstats_idle memstats_json
    memstats_leak memstats_map memstats_no_gc memstats_order memstats_two memstats_unforced memstats_warm_up
    notes_cut notes_delta notes_drop_frames notes_exported notes_filters notes_json notes_language
    notes_mixed_languages notes_mixed_side notes_negative notes_other_program notes_period notes_profiler
    notes_repeated notes_saved
    peek peek_color peek_help peek_json peek_recursion peek_wide
    sample_type_alloc_space sample_type_goroutine sample_type_goroutine_check sample_type_goroutine_json
    sample_type_objects
    stacks stacks_all stacks_bytes_only stacks_goroutines stacks_help stacks_json stacks_long_names stacks_merged
    stacks_shrank stacks_wide
    table table_all table_builds table_by_files table_by_functions table_by_owner table_by_packages
    table_clicolor_force table_color table_color_against_no_color table_confirmed table_cum table_exact table_fleet
    table_hide table_long_names table_narrow table_no_color table_per_profile table_raw table_same table_shrank
    table_sort_objects table_stdin table_tagfocus table_text table_top table_top_0 table_trim_path table_wide
    top top_csv top_help top_json top_ndjson top_text folder list_name
    trend trend_color trend_few trend_help trend_json trend_narrow trend_raw trend_text trend_warm_up trend_wide
    calibrate capture_help explain explain_list findings_goroutines flame_help folded folded_negative live_columns
    ndjson ndjson_notes pprof pprof_back report_help skip_unreadable skip_unreadable_json speedscope version
    watch_help whole_check whole_error whole_spread
}
