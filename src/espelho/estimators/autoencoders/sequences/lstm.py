"""The autoencoder of sequences: LSTMs that read one into a code and unroll it again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Interval

from espelho.errors import SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.sequences.sequential import SequenceAutoencoder

if TYPE_CHECKING:
    from espelho.models.autoencoders.sequence_autoencoder import SequenceAutoencoderModel

__all__ = ["LSTMAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class LSTMAutoencoder(SequenceAutoencoder):
    """Autoencoder of sequences: an LSTM reads one into a code, another unrolls the code.

    Minimises ``mean_i sum_{t <= T_i} loss(x_it, g(f(x_i))_t)``, where T_i is
    the length of sequence i (Srivastava, Mansimov, Salakhutdinov 2015,
    https://arxiv.org/abs/1502.04681). Sequences may differ in length: they are padded inside,
    and padding changes neither codes nor errors.

    X is a list of arrays ``(time_i, features)`` or ``(time_i,)``, an array ``(n, time,
    features)``, or rows ``(n, d)``: sequences of one feature, or flat ones of the shape
    ``sample_shape=(time, features)``. Results come back as X came. Each feature has one
    scaling for all steps.

    Parameters
    ----------
    hidden_sizes
        Widths of the states of the LSTM layers, from the data on.
    activation
        That of an LSTM's own states, which cannot be changed.
    normalization
        None, as an LSTM's states are bounded.
    decoder_sizes
        Widths of the states between code and output; without it those of the encoder
        mirrored.
    bidirectional
        Whether a second LSTM of each layer reads sequences backwards.
    reverse
        Whether sequences are unrolled from their last step to their first.
    feedback
        Whether the decoder's input at a step is its output at the step before, not the code.
    teacher_forcing
        With feedback: how probably, in training, that input is the data's step instead.
    code_activation
        Activation of the code.
    output_activation
        Activation of the output; auto is linear, and logistic for the Bernoulli loss.

    Attributes
    ----------
    model_
        The trained networks: ``model_.encoder`` and ``model_.decoder``.
    history_
        Losses by epoch, a `History`.
    scaling_
        The map between the data's units and the network's, for one step.
    latent_dim_
        Width of the code.
    n_features_in_
        Number of elements of a sequence, the longest one where they differ.
    sample_shape_
        Shape of a sequence, the longest one where they differ.
    n_epochs_, stop_reason_, fit_seconds_
        How long training went on, why it ended, how long it took.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho import LSTMAutoencoder
    >>> X = [np.sin(np.arange(n) / 3) for n in (20, 12, 15, 20)]
    >>> model = LSTMAutoencoder(latent_dim=2, max_epochs=2, random_state=0).fit(X)
    >>> model.transform(X).shape
    (4, 2)
    >>> [len(x) for x in model.reconstruct(X)]
    [20, 12, 15, 20]
    """

    hidden_sizes: f.Sizes = (64,)
    activation: Literal["tanh"] = "tanh"
    normalization: Literal["none"] = "none"
    decoder_sizes: f.Sizes | None = None
    bidirectional: bool = False
    reverse: bool = False
    feedback: bool = False
    teacher_forcing: Annotated[float, Interval(ge=0, le=1)] = 0.0
    code_activation: f.ActivationName = "linear"
    output_activation: f.ActivationName | Literal["auto"] = "auto"

    def _build(self) -> "SequenceAutoencoderModel":
        from espelho.estimators.autoencoders.axes.networks import default_width
        from espelho.models.autoencoders.sequence_autoencoder import SequenceAutoencoderModel
        from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder

        hidden = [int(n) for n in self.hidden_sizes]
        unrolled = hidden[::-1] if self.decoder_sizes is None else self.decoder_sizes
        self.latent_dim_ = int(self.latent_dim or default_width(self.n_features_in_))
        encoder = LSTMEncoder(
            self.n_step_features_,
            hidden,
            self.latent_dim_,
            self.code_activation,
            bidirectional=self.bidirectional,
        )
        bernoulli = self.loss == "bernoulli"
        # The Bernoulli loss takes logits and applies the logistic function itself.
        linear = bernoulli or self.output_activation == "auto"
        decoder = LSTMDecoder(
            self.latent_dim_,
            [int(n) for n in unrolled],
            self.n_step_features_,
            self._n_steps,
            "linear" if linear else self.output_activation,
            reverse=self.reverse,
            feedback=self.feedback,
            teacher_forcing=float(self.teacher_forcing),
            feedback_activation="logistic" if bernoulli else "linear",
        )
        if self.active_units is not None:
            from espelho.networks.k_sparse import KSparse

            encoder.code.append(KSparse(int(self.active_units)))
        if self._variational:
            return self._variational_model(encoder, decoder, sequences=True)  # type: ignore[return-value]
        return SequenceAutoencoderModel(encoder, decoder, self._objective())

    def _step_shape(self) -> tuple[int, ...]:
        return (self.n_step_features_,)

    def _code_activation(self) -> str:
        return self.code_activation

    def _check_combination(self) -> None:
        if not self.hidden_sizes or self.decoder_sizes == ():
            raise SettingError(
                "hidden_sizes and decoder_sizes of LSTMAutoencoder must name at least one LSTM "
                f"layer, such as (32,); got {self.hidden_sizes} and {self.decoder_sizes}."
            )
        if self.shifts:
            raise SettingError(
                f"shifts={self.shifts} moves images, and LSTMAutoencoder takes sequences. Leave "
                "shifts at 0."
            )
        if self.teacher_forcing and not self.feedback:
            raise SettingError(
                f"teacher_forcing={self.teacher_forcing} gives the decoder the data's steps in "
                "place of its own outputs, which only feedback=True gives it. Set feedback=True, "
                "or teacher_forcing=0."
            )
        super()._check_combination()
