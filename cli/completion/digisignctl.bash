# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of digisignctl(1) for bash. It asks neither the card nor a service: both may take their time.

_digisignctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local common='--help --version --no-color'
    local -A options=(
        [status]=''
        [list]='--json'
        [certificate]=''
        [certificate show]=''
        [certificate save]='--format --overwrite'
        [sign]='--output --certificate --reason --location --contact --name --overwrite --pin-fd --document-password-fd'
        [pin]=''
        [pin list]='--reader --json'
        [pin verify]='--reader --pin-fd'
        [pin change]='--reader --pin-fd --new-pin-fd'
        [pin unblock]='--reader --pin-fd --new-pin-fd'
        [activate]='--reader --pin-fd --new-pin-fd'
        [key]=''
        [key list]='--reader --json'
        [key test]='--pin-fd'
        [logins]='--end --json'
        [lock]=''
        [config]='--origin --json'
    )
    COMPREPLY=()

    # The verb is made of the first words that are no options.
    local verb='' word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word != -* && -v options["${verb:+$verb }$word"] ]]; then
            verb+=${verb:+ }$word
        fi
    done

    case $prev in
    --output | -o)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
        ;;
    --format)
        mapfile -t COMPREPLY < <(compgen -W 'pem der' -- "$cur")
        return
        ;;
    --certificate | -c | --reason | --location | --contact | --name | --reader | --pin-fd | --new-pin-fd | \
        --document-password-fd | --end)
        return
        ;;
    esac

    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$common ${verb:+${options[$verb]}}" -- "$cur")
        return
    fi

    case $verb in
    '' | certificate | pin | key)
        local verbs='' name
        for name in "${!options[@]}"; do
            if [[ $name == "${verb:+$verb }"* && ${name#"${verb:+$verb }"} != *' '* && $name != "$verb" ]]; then
                verbs+=" ${name##* }"
            fi
        done
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
        ;;
    sign)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -X '!*.[pP][dD][fF]' -- "$cur"; compgen -d -- "$cur")
        ;;
    'certificate save')
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        ;;
    'pin verify' | 'pin change' | 'pin unblock')
        mapfile -t COMPREPLY < <(compgen -W 'authentication signature organisation puk' -- "$cur")
        ;;
    config)
        # Reads configuration files only.
        mapfile -t COMPREPLY < <(compgen -W "$(digisignctl config 2>/dev/null | cut -d ' ' -f 1)" -- "$cur")
        ;;
    esac
}

complete -F _digisignctl digisignctl
