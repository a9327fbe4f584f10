import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import java.time.Duration

InvokerBitbucket.start(context).next(RunScript.of(
        StepScript.named("Build").lasting(Duration.ofMillis(100)).log("all well\n"),
        StepScript.named("Deploy").lasting(Duration.ofMillis(100)).ending("FAILED")
                .log((1..150).collect { "line $it" }.join("\n") + "\n\u001b[31mred\u001b[0m\u001b]0;title\u0007 and \r\u009b2J over\n")))
return
