package io.github.bitbucketpipelines.maven.session.receipt;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.report.Receipts;
import io.github.bitbucketpipelines.maven.report.Receipts.StoredReceipt;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import io.github.bitbucketpipelines.maven.session.context.SessionContext;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.maven.project.MavenProject;

/**
 * Lists receipts by location, the most specific location first: this module, then the other modules. A receipt
 * with the name of another repository is listed, too, since this one may have been renamed: whether its run is one of this
 * repository, its UUID decides. A rehearsal sees only receipts of rehearsals, and a real goal none of them.
 */
record ReceiptLocations(GoalContext context, RepositoryId repository, Path outputDirectory) {
    /** Returns the receipts written in this Maven session. */
    List<List<StoredReceipt>> ofThisBuild() {
        List<StoredReceipt> receipts = SessionContext.of(context.session()).receipts().stream()
                .flatMap(file -> Receipts.read(file).stream())
                .toList();
        Predicate<StoredReceipt> here =
                receipt -> outputDirectory.equals(receipt.file().getParent());
        return usable(Stream.of(
                receipts.stream().filter(here).toList(),
                receipts.stream().filter(here.negate()).toList()));
    }

    /** Returns the receipts that earlier builds left. */
    List<List<StoredReceipt>> ofEarlierBuilds() {
        Set<Path> written = Set.copyOf(SessionContext.of(context.session()).receipts());
        Stream<List<StoredReceipt>> all = Stream.of(
                Receipts.in(outputDirectory),
                otherDirectories(context, outputDirectory).stream()
                        .flatMap(directory -> Receipts.in(directory).stream())
                        .toList());
        return usable(all.map(receipts -> receipts.stream()
                .filter(receipt -> !written.contains(receipt.file()))
                .toList()));
    }

    /** Returns all receipts: those of this session first. */
    List<List<StoredReceipt>> all() {
        return Stream.concat(ofThisBuild().stream(), ofEarlierBuilds().stream()).toList();
    }

    /** Returns the usual output directories of the other modules. */
    static Set<Path> otherDirectories(GoalContext context, Path outputDirectory) {
        Set<Path> directories = new LinkedHashSet<>();
        directories(context.session().getProjects()).forEach(directories::add);
        directories.remove(outputDirectory);
        return directories;
    }

    /** Returns the usual output directories of these modules. */
    static Stream<Path> directories(List<MavenProject> modules) {
        return modules.stream()
                .filter(project -> project.getFile() != null)
                .map(project -> Path.of(project.getBuild().getDirectory()).resolve("bitbucket-pipelines"));
    }

    /** Whether it may be of this repository: that may have been renamed since, and the UUID of a run decides. */
    private boolean isUsable(StoredReceipt receipt) {
        return receipt.rehearsal() == context.isRehearsal() && (receipt.intent().isEmpty() || receipt.isOf(repository));
    }

    private List<List<StoredReceipt>> usable(Stream<List<StoredReceipt>> locations) {
        return locations
                .map(receipts -> receipts.stream().filter(this::isUsable).toList())
                .toList();
    }
}
