import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration

InvokerBitbucket bitbucket = InvokerBitbucket.start(context)
['none', 'bad', 'good', 'web', 'lone', 'join'].each {
    def repository = bitbucket.embedded().repository('acme', it).branch('main', '5f0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4')
    def step = StepScript.named('Deploy').log("::output URL=$it\n".toString())
    repository.defaultScript(RunScript.of(
            it == 'bad' ? step.ending('FAILED') : it == 'web' ? step.lasting(Duration.ofSeconds(12)) : step))
}
return
