package io.github.bitbucketpipelines.maven.session.repository;

import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The rule that selects the repository of a goal. The site has it as "Which repository is used".
 *
 * <table>
 * <caption>What names a repository, the first one that counts selects it</caption>
 * <tr><th></th><th>what</th><th>counts</th><th>selects</th><th>is compared</th></tr>
 * <tr><td>1</td><td>{@code workspace} and {@code repository}</td><td>always</td><td>yes; then nothing else is read</td>
 *     <td></td></tr>
 * <tr><td>2</td><td>{@code <scm>}: {@code developerConnection}, {@code connection}, {@code url}</td>
 *     <td>of the nearest POM of this build that has an address itself; not what Maven inherits from outside the build or
 *     appends</td><td>yes</td><td>always</td></tr>
 * <tr><td>3</td><td>the remote of the branch (where git pushes it, then where git fetches it from), else {@code origin},
 *     else the only one</td><td>where git tracks the POM</td><td>yes</td><td>always, {@code origin} too</td></tr>
 * <tr><td>4</td><td>other remotes</td><td>where git tracks the POM</td><td>no</td>
 *     <td>unless {@code <scm>} selects, and a remote confirms it</td></tr>
 * <tr><td>5</td><td>the CI server's variables</td><td>where its commit is HEAD, or one of the two is unknown</td>
 *     <td>no</td><td>unless one of them is the repository</td></tr>
 * </table>
 *
 * <table>
 * <caption>What follows from the comparison</caption>
 * <tr><th>what is compared names</th><th>outcome</th></tr>
 * <tr><td>no other repository</td><td>{@link Selected}</td></tr>
 * <tr><td>another one, and a remote of the checkout is the selected one: one may be a fork</td>
 *     <td>{@link Selected} with a warning that names all</td></tr>
 * <tr><td>another one, and no remote is the selected one</td><td>{@link Contradiction}, an error that names all</td></tr>
 * <tr><td>none selects</td><td>{@link Unknown}, an error that names what was found</td></tr>
 * </table>
 */
final class RepositoryRule {
    private RepositoryRule() {}

    /** What the rule makes of the claims. */
    sealed interface Outcome {}

    /**
     * The repository to use.
     *
     * @param others what names another repository; where it is not empty, a warning names them
     */
    record Selected(RepositoryClaim claim, List<RepositoryClaim> others) implements Outcome {}

    /** Nothing shows which of two or more repositories is meant. */
    record Contradiction(RepositoryClaim claim, List<RepositoryClaim> others) implements Outcome {}

    /** Nothing that counts names a repository. */
    record Unknown() implements Outcome {}

    /** Applies the rule to the claims, which are ordered by precedence. */
    static Outcome apply(List<RepositoryClaim> claims) {
        Optional<RepositoryClaim> selecting =
                claims.stream().filter(claim -> claim.source().selects()).findFirst();
        if (selecting.isEmpty()) {
            return new Unknown();
        }
        RepositoryClaim selected = selecting.get();
        RepositoryId repository = selected.repository();
        Predicate<RepositoryClaim> agrees = claim -> claim.repository().equals(repository);
        boolean isRemote = claims.stream().anyMatch(agrees.and(RepositoryRule::isRemote));
        boolean isOnCiServer = claims.stream().anyMatch(agrees.and(is(RepositorySource.CI_SERVER)));
        List<RepositoryClaim> others = claims.stream()
                .filter(agrees.negate())
                .filter(claim -> switch (claim.source()) {
                    case SCM, CURRENT_REMOTE -> true;
                    case OTHER_REMOTE -> selected.source() != RepositorySource.SCM || !isRemote;
                    case CI_SERVER -> !isOnCiServer;
                })
                .toList();
        return others.isEmpty() || isRemote ? new Selected(selected, others) : new Contradiction(selected, others);
    }

    private static boolean isRemote(RepositoryClaim claim) {
        return claim.source() == RepositorySource.CURRENT_REMOTE || claim.source() == RepositorySource.OTHER_REMOTE;
    }

    private static Predicate<RepositoryClaim> is(RepositorySource source) {
        return claim -> claim.source() == source;
    }
}
