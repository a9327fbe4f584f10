import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript
import io.github.bitbucketpipelines.maven.rehearsal.StepScript

def held = StepScript.named('Deploy').manual()
InvokerBitbucket.start(context)
        .next(RunScript.of(StepScript.named('Build'), held.triggeredBy('pipeline_step_trigger_automatic')))
        .next(RunScript.of(StepScript.named('Build'), held))
return
