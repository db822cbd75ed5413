namespace Mtlc.Runtime.Reports;

/// <summary>Why a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>Every epoch of the recipe is done.</summary>
    Completed,

    /// <summary>The step limit was reached.</summary>
    StepLimit,

    /// <summary>Stopped on request; a checkpoint is saved and the run can be resumed.</summary>
    Stopped,

    /// <summary>Too many steps in a row had a loss or gradient that is not finite.</summary>
    Diverged,
}
