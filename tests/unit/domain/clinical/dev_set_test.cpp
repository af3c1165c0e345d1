// The labelled development utterances, scored as tools outside score them: one alert type is one decision.
#include "domain/analyze.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

namespace carevoice::domain {
namespace {

namespace json = boost::json;

struct Score {
    int found = 0;
    int missed = 0;
    int false_alarms = 0;
    int wrong_severity = 0;
    int emergencies_missed = 0;
    int fields = 0;
    int fields_right = 0;
};

bool same_number(const json::value& wanted, const json::value& got) {
    if (wanted.is_null() || got.is_null()) return wanted.is_null() && got.is_null();
    return std::abs(wanted.to_number<double>() - got.to_number<double>()) < 0.06;
}

void score_alerts(const json::object& expect, const json::object& got, Score& score) {
    std::map<std::string, Severity> raised;
    for (const json::value& alert : got.at("alerts").as_array()) {
        raised[std::string(alert.at("type").as_string())] = *parse_severity(alert.at("severity").as_string());
    }
    std::set<std::string> allowed;
    for (const json::value& type : expect.at("optional").as_array()) allowed.emplace(type.as_string());
    for (const json::value& alert : expect.at("alerts").as_array()) {
        const std::string type(alert.at("type").as_string());
        allowed.insert(type);
        const auto found = raised.find(type);
        if (found == raised.end()) {
            ++score.missed;
            if (type == "emergency") ++score.emergencies_missed;
            continue;
        }
        ++score.found;
        const bool inside = found->second >= *parse_severity(alert.at("min_severity").as_string()) &&
                            found->second <= *parse_severity(alert.at("max_severity").as_string());
        if (!inside) ++score.wrong_severity;
    }
    for (const auto& [type, severity] : raised) score.false_alarms += allowed.contains(type) ? 0 : 1;
}

Score score_dev_set() {
    Score score;
    std::ifstream lines(std::string(CAREVOICE_SOURCE_DIR) + "/tests/data/utterances-dev.jsonl");
    const char* predictions_path = std::getenv("CAREVOICE_PREDICTIONS");
    std::ofstream predictions;
    if (predictions_path != nullptr) predictions.open(predictions_path);
    for (std::string line; std::getline(lines, line);) {
        const json::object wanted = json::parse(line).as_object().at("expect").as_object();
        const auto predicted = analyze_line(shipped_reader(), line);
        if (!predicted) throw std::runtime_error(predicted.error().detail);
        if (predictions.is_open()) predictions << *predicted << '\n';
        const json::object got = json::parse(*predicted).as_object();
        score_alerts(wanted, got, score);
        score.fields += 4;
        score.fields_right += same_number(wanted.at("pain_score"), got.at("pain_score")) ? 1 : 0;
        score.fields_right += same_number(wanted.at("temperature_f"), got.at("temperature_f")) ? 1 : 0;
        score.fields_right += wanted.at("unclear") == got.at("unclear") ? 1 : 0;
        score.fields_right += wanted.at("consent") == got.at("consent") ? 1 : 0;
    }
    return score;
}

TEST(DevSet, IsReadWithinTheBars) {
    const Score score = score_dev_set();
    EXPECT_EQ(score.emergencies_missed, 0);
    EXPECT_GE(score.found, 0.98 * (score.found + score.missed));
    EXPECT_GE(score.found, 0.97 * (score.found + score.false_alarms));
    EXPECT_LE(score.wrong_severity, 2);
    EXPECT_GE(score.fields_right, 0.98 * score.fields);
    EXPECT_EQ(score.fields, 640);
}

}  // namespace
}  // namespace carevoice::domain
