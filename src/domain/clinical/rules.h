// The alert rules as data (protocols/rules.json): which findings raise which alert, and how severe. A rule's condition
// is written in a small language that a clinician can read:
//
//   pus | foul_odor                    concepts of the lexicon, held by the patient now; | or, & and, ! not, ( )
//   pain >= 7 & pain <= 8              numbers: pain, temp (Fahrenheit), pod (post-operative day)
//   question == breathing              also: call_type, family; answer == yes|no
//   at_least(2, redness, warmth)       this many of them
//   takes(anticoagulant)               the patient's medicines hold one of that class
//   rising, with_symptom               pain 4-6 risen on two calls; another rule than a concern fired before
//
// "raise" maps higher severities to conditions; they count only by findings that were not hedged, emergencies apart.
// "step_up" is a condition that adds one step, as do the same rule open since the last call, and age 75 living alone.
#pragma once

#include "core/error.h"
#include "domain/alert.h"
#include "domain/clinical/lexicon.h"
#include "domain/understanding.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::domain::clinical {

/// What the conditions are asked about; spans are token ranges for evidence.
struct Findings {
    using Span = std::pair<std::size_t, std::size_t>;
    std::vector<std::vector<Span>> held;  ///< by lexicon entry: where it holds; empty when it does not
    std::vector<bool> firm;               ///< by lexicon entry: held at least once without "maybe"
    std::optional<int> pain_score;
    Span pain_span{};
    std::optional<double> temperature_f;
    Span temperature_span{};
    std::optional<bool> answer;  ///< a bare yes or no
    bool with_symptom = false;
    const UtteranceContext* context = nullptr;
    std::vector<std::string> drug_classes;  ///< of the patient's medicines
};

struct Fired {
    AlertType type = AlertType::patient_concern;
    Severity severity = Severity::low;
    std::string rule;
    int version = 1;
    std::vector<Findings::Span> spans;  ///< empty: the whole utterance is the evidence
};

class RuleBook {
public:
    /// Errc::corrupt naming file and rule; every concept named must be in the lexicon.
    static Result<RuleBook> load(std::string_view json, const Lexicon& lexicon);
    /// One more condition in the same language, for holds(): its number. Errc::corrupt with what is wrong in it.
    Result<std::uint32_t> add_condition(std::string_view text, const Lexicon& lexicon);
    [[nodiscard]] bool holds(std::uint32_t condition, const Findings& findings) const;

    /// All rules that fire, patient_concern last. Sets `findings.with_symptom` on the way.
    [[nodiscard]] std::vector<Fired> run(Findings& findings) const;

private:
    enum class Op : std::uint8_t {
        any,
        all,
        negate,
        count,
        finding,
        number,
        text,
        answer,
        takes,
        rising,
        with_symptom
    };
    struct Node {
        Op op = Op::any;
        std::uint32_t id = 0;  ///< lexicon entry; for count the least number; for text and number which one
        std::string text;      ///< to compare with; for number the comparison
        double value = 0;
        std::vector<std::uint32_t> children;
    };
    struct Rule {
        std::string id;
        int version = 1;
        AlertType type = AlertType::patient_concern;
        Severity severity = Severity::low;
        std::uint32_t when = 0;
        std::vector<std::pair<Severity, std::uint32_t>> raises;
        std::optional<std::uint32_t> step_up;
    };
    class Parser;
    struct Loader;

    [[nodiscard]] Severity severity_of(const Rule& rule, const Findings& findings,
                                       std::vector<Findings::Span>& spans) const;
    [[nodiscard]] bool evaluate(std::uint32_t node, const Findings& findings, std::vector<Findings::Span>& spans) const;
    [[nodiscard]] bool compare(const Node& node, const Findings& findings, std::vector<Findings::Span>& spans) const;

    std::vector<Node> nodes_;
    std::vector<Rule> rules_;
};

}  // namespace carevoice::domain::clinical
