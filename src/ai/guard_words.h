// Lists of single words, as guard_rails.json has them, and when two words are the same for an echo.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace carevoice::ai {

/// Exact words, and beginnings of words ("skip*"). Lower case.
class WordList {
public:
    void add(std::string_view word);
    [[nodiscard]] bool has(const std::string& word) const;

private:
    std::unordered_set<std::string> words_;
    std::vector<std::string> beginnings_;
};

/// Brings a word to the form under which its kin are found: "bandages" and "bandage", "fell" and "fallen".
class WordKin {
public:
    /// The words of one family; the first one stands for all.
    void add_family(const std::vector<std::string>& words);
    [[nodiscard]] std::string of(const std::string& word) const;

private:
    std::unordered_map<std::string, std::string> families_;
};

}  // namespace carevoice::ai
