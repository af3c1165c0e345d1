// Scores and temperatures as people say them, and the numbers that are neither.
#include "domain/clinical/numbers.h"

#include "unit/domain/clinical/shipped_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <variant>

namespace carevoice::domain {
namespace {

std::string number(const Understanding& understood, const std::string& fact) {
    const auto found = understood.facts.find(fact);
    if (found == understood.facts.end()) return "none";
    std::ostringstream text;
    text << std::get<double>(found->second);
    return text.str();
}

// Lines of "question | utterance | pain_score or temperature_f | the number, or none".
TEST(Numbers, AreReadAsTheyAreMeant) {
    std::istringstream lines(text_of_file("tests/data/number-utterances.txt"));
    std::string line;
    int count = 0;
    while (std::getline(lines, line)) {
        if (line.empty() || line.starts_with('#')) continue;
        std::istringstream parts(line);
        std::string question;
        std::string utterance;
        std::string fact;
        std::string wanted;
        std::getline(parts, question, '|');
        std::getline(parts, utterance, '|');
        std::getline(parts, fact, '|');
        std::getline(parts, wanted, '|');
        EXPECT_EQ(number(read(question, utterance), fact), wanted) << line;
        ++count;
    }
    EXPECT_GE(count, 200);
}

}  // namespace
}  // namespace carevoice::domain
