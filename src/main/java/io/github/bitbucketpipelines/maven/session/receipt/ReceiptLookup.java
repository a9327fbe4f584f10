package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.report.KeptReceipts;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.session.parameter.ParameterParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.maven.plugin.MojoExecutionException;

/**
 * Finds the receipt of one run that the parameter {@code receipt} names. An execution's receipt in this module comes before one of
 * another module, and one that was written in this build before one that an earlier build left.
 */
record ReceiptLookup(ReceiptLocations locations) {
    /**
     * Returns the receipt.
     *
     * @param name an execution's id, or the path of a file, which ends in {@code .json}
     * @throws MojoExecutionException if there is none, or several of different runs, or if it is of a rehearsal and the goal is
     *     not, or the other way round
     */
    StoredReceipt named(String name) throws MojoExecutionException {
        return name.endsWith(".json") ? ofPath(name) : ofExecution(name);
    }

    private StoredReceipt ofPath(String path) throws MojoExecutionException {
        StoredReceipt receipt =
                Receipts.read(locations.outputDirectory().resolve(path)).orElseThrow(() -> missingReceipt(path));
        if (receipt.rehearsal() != locations.context().isRehearsal()) {
            throw ParameterParser.invalid(
                    "receipt",
                    receipt.file() + " is of a " + (receipt.rehearsal() ? "rehearsal" : "real run")
                            + ", and this goal is a " + (receipt.rehearsal() ? "real one" : "rehearsal"));
        }
        return receipt;
    }

    private StoredReceipt ofExecution(String id) throws MojoExecutionException {
        for (List<StoredReceipt> location : locations.all()) {
            Map<String, StoredReceipt> found = new LinkedHashMap<>();
            List<StoredReceipt> named = location.stream()
                    .filter(receipt -> receipt.executionId().equals(id))
                    .toList();
            List<StoredReceipt> own = named.stream()
                    .filter(receipt -> receipt.isOf(locations.repository()))
                    .toList();
            List<StoredReceipt> latest = (own.isEmpty() ? named : own)
                    .stream()
                            .filter(receipt -> !KeptReceipts.isKept(receipt.file()))
                            .toList();
            if (!latest.isEmpty()) {
                warnOfKept(id, named);
                own = latest;
            }
            (own.isEmpty() ? named : own)
                    .forEach(receipt -> found.putIfAbsent(
                            receipt.intent().isPresent() ? receipt.file().toString() : receipt.uuid(), receipt));
            if (found.size() > 1) {
                throw ParameterParser.invalid(
                        "receipt",
                        found.size() + " receipts of different runs are called '" + id + "'; give the path of one:"
                                + found.values().stream()
                                        .map(receipt -> System.lineSeparator() + "  " + receipt.file() + ": #"
                                                + receipt.number())
                                        .collect(Collectors.joining()));
            }
            if (!found.isEmpty()) {
                return found.values().iterator().next();
            }
        }
        throw missingReceipt(id);
    }

    /** The name is that of the last run; the user may mean an earlier one. */
    private void warnOfKept(String id, List<StoredReceipt> named) {
        named.stream()
                .filter(receipt -> KeptReceipts.isKept(receipt.file()))
                .forEach(receipt -> locations
                        .context()
                        .output()
                        .warn("The receipt of '" + id + "' is that of its last run. Another one may not have ended, and"
                                + " this goal does not look at it: "
                                + (receipt.intent().isPresent() ? "a trigger" : "#" + receipt.number()) + ", "
                                + receipt.file()));
    }

    private MojoExecutionException missingReceipt(String name) {
        return ParameterParser.invalid(
                "receipt",
                "there is no receipt '" + name + "' of " + locations.repository() + " in " + locations.outputDirectory()
                        + " or another module of this build");
    }
}
