// Scripted patients and what has to come out of their calls: scenarios/call-scenarios.json as values.
#pragma once

#include "core/error.h"

#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::simulator {

enum class WhoAnswers { patient, stranger, machine, no_answer, busy };

struct Persona {
    std::string first_name;
    std::string last_name;
    std::string date_of_birth;  ///< YYYY-MM-DD
    std::string voice;          ///< how they speak, in words: "elderly, slow"
    bool lives_alone = false;
};

struct Behaviour {
    WhoAnswers answered_by = WhoAnswers::patient;
    std::set<std::string> silent_on;  ///< topics met with silence
    std::string hangs_up_after;       ///< the line drops one turn of the voice after that topic was answered
    bool barge_in = false;            ///< talks over the voice
    double beep_after_seconds = 5;    ///< of a machine's greeting
};

struct ExpectedAlert {
    std::string type;
    std::string severity;               ///< wanted
    std::vector<std::string> accept;    ///< also right; holds `severity`
    std::vector<std::string> channels;  ///< that follow from `severity`
};

struct Expectations {
    std::string outcome;
    bool identity_verified = false;
    boost::json::object data;  ///< facts to be stored
    std::vector<ExpectedAlert> alerts;
    std::vector<std::string> optional_alerts;
    std::vector<std::vector<std::string>> must_say;  ///< of each entry any one
    std::vector<std::string> must_not_say;
    std::vector<std::string> must_not_say_before_identity;
    std::vector<std::string> must_ask;
    std::vector<std::string> may_skip;
};

struct Scenario {
    std::string id;
    std::string title;
    std::string call_type;
    Persona persona;
    std::string procedure;
    std::string procedure_family;
    int post_op_day = 0;  ///< below 0: before the operation
    std::vector<std::string> medications;
    boost::json::object prior;  ///< goes into the request's context
    Behaviour behaviour;
    std::map<std::string, std::vector<std::string>> answers;  ///< per topic, one or two ways to say it
    std::vector<std::string> default_answers;
    Expectations expect;

    /// Speaks so that little can be understood: then nobody expects the words in the transcript.
    [[nodiscard]] bool mumbles() const;
};

struct ScenarioFile {
    std::vector<Scenario> scenarios;
    std::map<std::string, std::vector<std::string>> channels_of_severity;
};

/// Errc::corrupt with `field` naming the place: "scenarios[3].answers.fever".
Result<ScenarioFile> parse_scenarios(std::string_view text);
/// Also not_found.
Result<ScenarioFile> load_scenarios(const std::filesystem::path& file);

}  // namespace carevoice::simulator
