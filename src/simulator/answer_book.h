// What a scripted patient says to which question. Pure.
#pragma once

#include "core/random.h"
#include "simulator/scenario.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace carevoice::simulator {

class AnswerBook {
public:
    AnswerBook(std::shared_ptr<const Scenario> scenario, Random& random);

    /// The words for `topic`: which of the alternatives comes first is left to chance, each further question of the
    /// same topic gets the next one. Topics without answers get the default. Empty: silence.
    std::string next(const std::string& topic);

private:
    std::shared_ptr<const Scenario> scenario_;
    std::map<std::string, std::size_t> position_;
    Random& random_;
};

}  // namespace carevoice::simulator
