import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import java.time.Duration

InvokerBitbucket.start(context).shop().defaultScript(RunScript.of(StepScript.named('Build').lasting(Duration.ofMillis(900))))
// A cache of this test alone.
context.get('userProperties').put('maven.build.cache.location', new File(basedir, 'cache').path)
return
