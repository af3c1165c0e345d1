# cmake -DOUTPUT=file.cpp -DROOT=checkout "-DFILES=a|b|c" -DFUNCTION=name -DHEADER=file.h -P EmbedResources.cmake
# Writes the files' texts as string literals, sorted by path. The standard promises 64 KiB for one literal; clang takes
# far more and only warns, so that warning is off in the generated file. The sv suffix spares counting each byte.
string(REPLACE "|" ";" FILES "${FILES}")
list(SORT FILES)
set(entries "")
foreach(file IN LISTS FILES)
  file(READ ${ROOT}/${file} hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" hex "${hex}")
  string(REPLACE "\n" "\"\n    \"" hex "${hex}")
  string(APPEND entries "    {\"${file}\",\n    \"${hex}\"sv},\n")
endforeach()
file(WRITE ${OUTPUT}.new "#pragma clang diagnostic ignored \"-Woverlength-strings\"\n#include \"${HEADER}\"\n\n#include <array>\n\nnamespace carevoice {\n\nnamespace {\nusing namespace std::string_view_literals;\n\nconstexpr EmbeddedResource resources[] = {\n${entries}    {\"~\", {}},\n};\n}  // namespace\n\nstd::span<const EmbeddedResource> ${FUNCTION}() noexcept { return {resources, std::size(resources) - 1}; }\n\n}  // namespace carevoice\n")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
