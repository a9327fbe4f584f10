import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.rehearsal.TestReport
import java.time.Duration

InvokerBitbucket.start(context).next(RunScript.of(
        StepScript.named("Build").lasting(Duration.ofMillis(100)),
        StepScript.named("Unit tests <all>").lasting(Duration.ofMillis(300)).ending("FAILED")
                .log("+ mvn verify\n[ERROR] 1 < 2\n")
                .report(TestReport.of(
                        TestReport.Case.successful("com.acme", "CartTest", "isEmptyAtFirst", Duration.ofMillis(12)),
                        TestReport.Case.failed("com.acme", "CartTest", "addsUp", Duration.ofMillis(125),
                                "expected: <42> but was: <41>\n\tat com.acme.CartTest.addsUp(CartTest.java:31)"),
                        TestReport.Case.successful("com.acme", "CartTest", "ships", Duration.ZERO).withStatus("SKIPPED"))),
        StepScript.named("Lint").parallel().lasting(Duration.ofMillis(200)),
        StepScript.named("Deploy")))
return
