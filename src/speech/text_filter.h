// What Whisper writes that nobody said: remarks about sounds, phrases learned from video subtitles, loops, echoes of
// the prompt. Pure functions on text.
#pragma once

#include "core/time.h"

#include <string>
#include <string_view>
#include <vector>

namespace carevoice::speech {

/// Lower-case words without punctuation; apostrophes within a word stay ("don't"), decimals too ("98.6").
std::vector<std::string> plain_words(std::string_view text);

/// Without "[BLANK_AUDIO]", "(water running)", "*coughs*" and notes of music; trimmed. Empty when only punctuation is
/// left. Brackets around digits stay: they are telephone numbers.
std::string remove_sound_remarks(std::string_view text);

/// Is the whole text one of the phrases that Whisper writes when nobody speaks (whisper-streaming notes, section 8)?
/// Nobody says the `certain` ones to us; patients do say the `possible` ones ("okay", "thank you", "bye").
enum class Phantom { no, possible, certain };
Phantom phantom_phrase(std::string_view text);

struct Repetition {
    std::string text;  ///< with one copy of what was repeated
    int count = 1;     ///< copies in a row; 1: nothing was repeated
};
/// One to twelve words three times or more in a row, or the whole text twice.
Repetition collapse_repetition(std::string_view text);

/// More than five words a second: people in conversation say two to four, in a hurry not five for a whole utterance.
bool is_faster_than_speech(std::string_view text, milliseconds duration);

/// Two or more words in a row that the prompt has too, and nothing else.
bool echoes_prompt(std::string_view text, std::string_view prompt);

/// Words that must never wait and never be filtered ("chest pain", "can't breathe"), unless they are denied ("no chest
/// pain"). Not a judgement about the patient: the alert rules make that.
bool mentions_red_flag(std::string_view text);

}  // namespace carevoice::speech
