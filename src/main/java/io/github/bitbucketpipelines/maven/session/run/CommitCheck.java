package io.github.bitbucketpipelines.maven.session.run;

import io.github.bitbucketpipelines.maven.git.Checkout;
import io.github.bitbucketpipelines.maven.git.CiEnvironment;
import io.github.bitbucketpipelines.maven.pipeline.RepositoryId;
import io.github.bitbucketpipelines.maven.pipeline.Target;
import io.github.bitbucketpipelines.maven.run.RunEvent;
import io.github.bitbucketpipelines.maven.session.context.GoalContext;
import java.util.function.Consumer;

/**
 * Warns where a run that was triggered builds another commit than the checkout's HEAD. Git is started only for a branch,
 * a tag or a pull request without {@code commit}, and only after the trigger.
 */
public record CommitCheck(GoalContext context, RepositoryId repository) implements Consumer<RunEvent> {
    @Override
    public void accept(RunEvent event) {
        if (event instanceof RunEvent.Triggered triggered
                && !context.isRehearsal()
                && triggered.request().target().commit().isEmpty()) {
            triggered
                    .run()
                    .commit()
                    .ifPresent(commit -> check(
                            triggered.run().number(),
                            commit,
                            triggered.request().target()));
        }
    }

    private void check(long number, String commit, Target target) {
        Checkout checkout = context.checkout();
        checkout.head()
                .value()
                .filter(head -> !CiEnvironment.isSameCommit(head, commit))
                .filter(head -> checkout.isOf(repository))
                .ifPresent(head -> context.output()
                        .warn("Pipeline #" + number + " runs commit " + Target.abbreviate(commit)
                                + ", and HEAD of this checkout is " + Target.abbreviate(head)
                                + ". To run HEAD, push it "
                                + (target instanceof Target.PullRequest
                                        ? "to the branch of " + target
                                        : "and give -Dbitbucket.commit=" + head)));
    }
}
