// The files of the nurse's wall (web/), as a browser gets them: built into the program, or read once from a folder.
#pragma once

#include "core/error.h"
#include "core/resources.h"

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace carevoice {

/// web/dist as it was when the program was compiled, by path in the repository; empty when it was not built then.
std::span<const EmbeddedResource> embedded_wall() noexcept;

}  // namespace carevoice

namespace carevoice::api {

/// Immutable once made: share it between threads. A request only ever selects one of these by its exact name, so no
/// spelling of a path leads to any other file.
class WallFiles {
public:
    struct File {
        std::string media_type;
        std::string etag;  ///< strong, in quotes: a hash of the body
        std::string body;
        bool is_fingerprinted = false;  ///< its name changes with its contents: browsers may keep it for ever
    };

    /// Without files when ./dev web had not run before the program was compiled.
    static WallFiles built_in();
    /// Everything below `folder`. not_found when it is no folder or has no index.html; invalid_input beyond 16 MiB.
    static Result<WallFiles> from_folder(const std::filesystem::path& folder);

    /// "index.html", "assets/index-4f9c.js"; nullptr when there is none.
    [[nodiscard]] const File* find(std::string_view path) const;
    [[nodiscard]] bool empty() const noexcept { return files_.empty(); }

private:
    void add(const std::string& path, std::string body);
    std::map<std::string, File, std::less<>> files_;
};

}  // namespace carevoice::api
