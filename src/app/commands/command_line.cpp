#include "app/commands/commands.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace carevoice::app {

namespace {

constexpr const char* about =
    "Carevoice telephones patients after an operation, listens, asks what a good nurse would ask, and tells the\n"
    "care team when something is wrong.\n\n"
    "Start here:\n"
    "  carevoice simulate --scenario sc-01   plays a whole call on this machine; needs no keys\n"
    "  carevoice doctor                      says what is missing for real calls, and how to get it\n"
    "  carevoice serve                       runs the service\n";

std::string settings_help() {
    std::string text = "Settings (environment, or NAME=VALUE lines in .env):\n";
    for (const auto& spec : setting_specs()) {
        if (!spec.has_effect) continue;
        text += "  " + std::string(spec.name) + (spec.standard.empty() ? "" : " (" + std::string(spec.standard) + ")") +
                "\n      " + std::string(spec.help) + "\n";
    }
    return text;
}

/// Everything that options write into.
struct Options {
    std::string env_file;
    bool show = false;
    AnalyzeCommand analyze;
    TranscribeCommand transcribe;
    DoctorCommand doctor;
    SimulateCommand simulate;
    DemoCommand demo;
};

void add_env_file(CLI::App& command, Options& options) {
    command.add_option("--env-file", options.env_file, "file of settings (.env when there is one)");
}

void add_serve(CLI::App& app, Options& options) {
    auto* const command = app.add_subcommand("serve", "run the service until SIGINT or SIGTERM");
    add_env_file(*command, options);
    command->footer(settings_help());
}

void add_transcribe(CLI::App& app, Options& options) {
    auto* const command = app.add_subcommand("transcribe", "print a JSON line for each WAV file");
    command->add_option("files", options.transcribe.files, "WAV files, any sample rate")->required();
    command->add_flag("--stream", options.transcribe.stream,
                      "hear each file as a call would, 20 ms at a time; a line per utterance");
    command->add_option("--prompt", options.transcribe.prompt,
                        "words to expect, as the speech_prompt of a question (\"My pain is a four out of ten.\")");
    add_env_file(*command, options);
}

void add_analyze(CLI::App& app, Options& options) {
    auto* const command = app.add_subcommand("analyze", "read utterances as JSON Lines, print what a call would learn");
    command->add_option("--reader", options.analyze.readers, "rules alone, or both: sentence embeddings read, too")
        ->check(CLI::IsMember({"rules", "both"}))
        ->capture_default_str();
    command->add_option("--encoder", options.analyze.encoder, "folder of the sentence encoder")->capture_default_str();
    command->add_flag("--assertions", options.analyze.assertions,
                      "read sentences with a span instead: is it negated, historical, hypothetical, whose is it?");
    command->footer(
        "Input:  {\"id\":\"u1\",\"call_type\":\"followup\",\"question\":\"pain_score\",\"utterance\":\"about a "
        "seven\"}\n"
        "Output: "
        "{\"id\":\"u1\",\"pain_score\":7,\"temperature_f\":null,\"alerts\":[…],\"unclear\":false,\"consent\":null}\n"
        "With --assertions\n"
        "Input:  {\"id\":\"s1\",\"sentence\":\"She denies fever.\",\"span\":\"fever\"}\n"
        "Output: {\"id\":\"s1\",\"negated\":true,\"historical\":false,\"hypothetical\":false,"
        "\"experiencer\":\"patient\"}");
}

void add_doctor(CLI::App& app, Options& options) {
    auto* const command =
        app.add_subcommand("doctor", "check settings, models, database, Twilio credentials and the public URL");
    command->add_option("--env-file", options.doctor.env_file, "file of settings (.env when there is one)");
    command->add_option("--signature", options.doctor.signature,
                        "an X-Twilio-Signature that was refused: which URL would have matched?");
    command->add_option("--url", options.doctor.url, "the URL of that request, as Twilio was given it");
    command->add_option("--form", options.doctor.form, "the body of that request, form-encoded");
}

void add_migrate(CLI::App& app, Options& options) {
    auto* const command = app.add_subcommand("migrate", "bring the database up to date");
    command->add_flag("--show", options.show, "only say what is applied and pending");
    add_env_file(*command, options);
}

void add_simulate(CLI::App& app, Options& options) {
    auto* const command =
        app.add_subcommand("simulate", "play patients against the service: real HTTP, real WebSocket, real audio");
    auto& simulate = options.simulate;
    command->add_option("--scenario", simulate.scenarios, "scenario ids, or all")->default_str("sc-01");
    command->add_option("--scenarios-file", simulate.scenarios_file, "the patients' script")->capture_default_str();
    command->add_option("--server", simulate.server,
                        "origin of a running service that uses this simulator; without it one is started here");
    command->add_option("--api-key", simulate.api_key, "API key of that service");
    command->add_option("--mode", simulate.mode, "updates or gather")->check(CLI::IsMember({"updates", "gather"}));
    command->add_option("--pace", simulate.pace, "how many times faster than real the voice speaks")
        ->check(CLI::Range(0.5, 100.0))
        ->capture_default_str();
    command->add_option("--parallel", simulate.parallel, "calls at once")
        ->check(CLI::Range(1, 50))
        ->capture_default_str();
    command->add_option("--seed", simulate.seed, "the same seed plays the same calls")->capture_default_str();
    command->add_flag("--list", simulate.list, "list the scenarios and end");
    add_env_file(*command, options);
}

void add_demo(CLI::App& app, Options& options) {
    auto* const command =
        app.add_subcommand("demo", "the service with demo patients and a simulated Twilio, and one call");
    command->add_flag("--once", options.demo.once, "end after the call");
    command->add_option("--pace", options.demo.pace, "how many times faster than real the voice speaks")
        ->check(CLI::Range(0.5, 100.0))
        ->capture_default_str();
    command->add_option("--scenario", options.demo.scenario, "who is called")->capture_default_str();
    add_env_file(*command, options);
}

int with_settings(const Options& options, const std::function<int(const Settings&)>& work) {
    const auto settings = read_settings(options.env_file, std::cerr);
    return settings ? work(*settings) : 2;
}

int dispatch(const CLI::App& app, const Options& options) {
    if (app.got_subcommand("serve")) return serve(options.env_file);
    if (app.got_subcommand("analyze")) return analyze(options.analyze, std::cin, std::cout, std::cerr);
    if (app.got_subcommand("doctor")) return doctor(options.doctor, std::cout);
    if (app.got_subcommand("transcribe"))
        return with_settings(options, [&](const Settings& settings) {
            return transcribe(settings, options.transcribe, std::cout, std::cerr);
        });
    if (app.got_subcommand("migrate"))
        return with_settings(
            options, [&](const Settings& settings) { return migrate(settings, options.show, std::cout, std::cerr); });
    if (app.got_subcommand("simulate"))
        return with_settings(options, [&](const Settings& settings) { return simulate(settings, options.simulate); });
    return with_settings(options, [&](const Settings& settings) { return demo(settings, options.demo); });
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    CLI::App app(about, "carevoice");
    app.require_subcommand(1);
    app.set_version_flag("--version", "carevoice 0.1.0");
    app.failure_message(CLI::FailureMessage::help);
    Options options;
    add_serve(app, options);
    add_simulate(app, options);
    add_transcribe(app, options);
    add_analyze(app, options);
    add_doctor(app, options);
    add_migrate(app, options);
    add_demo(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return dispatch(app, options);
}

}  // namespace carevoice::app
