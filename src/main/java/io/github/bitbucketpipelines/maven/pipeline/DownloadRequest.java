package io.github.bitbucketpipelines.maven.pipeline;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A file to fetch from the Downloads of a repository.
 *
 * @param name its name, with placeholders such as {@code @{run.number}}
 */
public record DownloadRequest(Template name) {
    /** The placeholders for what is known of every run. */
    private static final Set<String> OF_A_RUN = Set.of("run.number", "run.uuid", "run.commit");

    private static final String OF_AN_OUTPUT = "output.";

    /** What common file systems allow. */
    private static final int MAX_NAME_BYTES = 255;

    /** What Windows opens in place of a file, in every directory. */
    private static final Pattern DEVICE =
            Pattern.compile("(?i)(?:con|prn|aux|nul|com\\d|lpt\\d)[ ]*(?:\\..*)?", Pattern.DOTALL);

    /**
     * Parses the entries of the parameter {@code downloads}.
     *
     * @param outputs the outputs that the same run must give
     * @throws IllegalArgumentException if one of them is invalid; the message is for users
     */
    public static List<DownloadRequest> parse(List<String> entries, List<OutputRequest> outputs) {
        return parse(entries, outputs, name -> false);
    }

    /**
     * Parses the entries of the parameter {@code downloads}.
     *
     * @param outputs the outputs that the same run must give
     * @param others whether a placeholder of another kind has a value
     * @throws IllegalArgumentException if one of them is invalid; the message is for users
     */
    public static List<DownloadRequest> parse(
            List<String> entries, List<OutputRequest> outputs, Predicate<String> others) {
        List<DownloadRequest> requests = new ArrayList<>();
        for (String entry : entries) {
            Template template = new Template(entry.strip());
            for (String name : template.names()) {
                checkPlaceholder(name, outputs, others);
            }
            checkName(template.expand(name -> "x"));
            requests.add(new DownloadRequest(template));
        }
        checkDistinct(requests.stream().map(request -> request.name().text()).toList());
        return List.copyOf(requests);
    }

    private static void checkPlaceholder(String name, List<OutputRequest> outputs, Predicate<String> others) {
        if (OF_A_RUN.contains(name) || others.test(name)) {
            return;
        }
        String shown = "@{" + TextSanitizer.singleLine(name, 100) + "}";
        if (!name.startsWith(OF_AN_OUTPUT)) {
            throw new IllegalArgumentException(
                    "there is no " + shown + "; there are @{run.number}, @{run.uuid}, @{run.commit} and @{output.KEY}");
        }
        if (outputs.stream().noneMatch(output -> name.equals(OF_AN_OUTPUT + output.key()))) {
            throw new IllegalArgumentException(shown + " needs its KEY in the parameter outputs");
        }
    }

    /**
     * Returns the names of the files for a run.
     *
     * @param outputs of the run
     * @throws IllegalArgumentException if a name is not that of a file, or two are the same; the message is for users
     */
    public static List<String> namesFor(Run run, Map<String, String> outputs, List<DownloadRequest> requests) {
        List<String> names = requests.stream()
                .map(request -> request.name().expand(name -> value(name, run, outputs)))
                .toList();
        names.forEach(DownloadRequest::checkName);
        checkDistinct(names);
        return names;
    }

    private static String value(String placeholder, Run run, Map<String, String> outputs) {
        return switch (placeholder) {
            case "run.number" -> Long.toString(run.number());
            case "run.uuid" -> run.uuid();
            case "run.commit" ->
                run.commit()
                        .orElseThrow(() -> new IllegalArgumentException(
                                "@{run.commit} has no value, since Bitbucket does not show the commit of the run"));
            default ->
                Optional.ofNullable(outputs.get(placeholder.substring(OF_AN_OUTPUT.length())))
                        .orElseThrow(() -> new IllegalArgumentException("@{" + placeholder + "} has no value"));
        };
    }

    /** A name becomes a part of a URL and of a path; it must not lead out of the directory on any system. */
    private static void checkName(String name) {
        String shown = "'" + TextSanitizer.singleLine(name, 100) + "'";
        if (name.isBlank() || name.equals(".") || name.equals("..") || name.matches("(?s).*[/\\\\:].*")) {
            throw new IllegalArgumentException(
                    shown + " is not the name of a file: a name is not . or .., and has no / \\ or : in it");
        }
        if (name.endsWith(".") || DEVICE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    shown + " is not the name of a file on Windows: it ends in a dot, or is that of a device");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES
                || !TextSanitizer.singleLine(name).equals(name)) {
            throw new IllegalArgumentException(
                    shown + " is not the name of a file: it is too long, or has characters that are not printed");
        }
    }

    private static void checkDistinct(List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            // Some file systems ignore the case, and take two forms of one character for one.
            String known = Normalizer.normalize(name, Normalizer.Form.NFC).toUpperCase(Locale.ROOT);
            if (!seen.add(known.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "two of its entries are '" + TextSanitizer.singleLine(name, 100) + "'");
            }
        }
    }
}
