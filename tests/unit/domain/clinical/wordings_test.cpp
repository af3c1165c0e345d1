// Idioms, other people, history, jokes, questions, trifles and plain good news: what must not raise alerts; and
// emergencies in everyday words, which must.
#include "domain/understanding.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace carevoice::domain {
namespace {

TEST(QuietUtterances, StayQuietButForOneInFifty) {
    std::istringstream lines(text_of_file("tests/data/quiet-utterances.txt"));
    std::string line;
    std::string raised;
    int said = 0;
    int alarms = 0;
    while (std::getline(lines, line)) {
        const std::size_t bar = line.find('|');
        if (line.starts_with('#') || bar == std::string::npos) continue;
        const Understanding heard = read(line.substr(0, bar), line.substr(bar + 1));
        ++said;
        if (heard.alerts.empty()) continue;
        ++alarms;
        raised += line + " -> " + heard.alerts.front().evidence.rule + '\n';
    }
    EXPECT_GE(said, 300);
    EXPECT_LE(alarms * 50, said) << raised;
}

TEST(EmergencyUtterances, AllRaiseAnEmergency) {
    std::istringstream lines(text_of_file("tests/data/emergency-utterances.txt"));
    std::string line;
    while (std::getline(lines, line)) {
        const std::size_t bar = line.find('|');
        if (line.starts_with('#') || bar == std::string::npos) continue;
        const Understanding heard = read(line.substr(0, bar), line.substr(bar + 1));
        const bool raised = !heard.alerts.empty() && heard.alerts.back().type == AlertType::emergency;
        EXPECT_TRUE(raised) << line;
    }
}

}  // namespace
}  // namespace carevoice::domain
