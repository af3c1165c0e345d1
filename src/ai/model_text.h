// What a model writes, understood while it is still writing. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace carevoice::ai {

/// Leaves out the thoughts with which some local models begin: "<think>…</think>".
class ThoughtFilter {
public:
    /// What of `piece`, and of what was held back before, is not a thought.
    std::string pass(std::string_view piece);

private:
    enum class State { at_start, thinking, open };
    State state_ = State::at_start;
    std::string held_;
};

/// Follows the first JSON object in a text and finds the string "speak" at its top level, wherever it stands.
class SpokenField {
public:
    void feed(std::string_view piece);

    /// Once its closing quote was seen; trimmed. Empty for blank text, what is no JSON string, or more than 2,000
    /// bytes.
    [[nodiscard]] const std::optional<std::string>& value() const noexcept { return value_; }
    /// The object's closing brace was seen.
    [[nodiscard]] bool is_object_complete() const noexcept { return end_ > 0; }
    /// The object in all that was fed, so without what models put around it ("```json").
    [[nodiscard]] std::string_view object_in(std::string_view text) const noexcept;

private:
    void in_string(char c);
    void outside_strings(char c);
    void end_string();

    std::size_t position_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;  ///< behind the closing brace; 0: not yet
    std::size_t depth_ = 0;
    bool is_in_string_ = false;
    bool is_escaped_ = false;
    bool expects_name_ = false;  ///< the next string at depth 1 is a member's name
    bool is_speak_ = false;      ///< the next value at depth 1 is that of "speak"
    std::string raw_;            ///< the current string at depth 1, with its escapes
    std::optional<std::string> value_;
};

}  // namespace carevoice::ai
